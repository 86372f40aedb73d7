/*
 * SensorHub sensor protocol 1.0: reference codec, C99. The specification is ../README.md; the section numbers here are its.
 *
 * No allocation, no global state, no dependency beyond <stdint.h>, <stddef.h> and <string.h>. Every function is
 * reentrant, checks lengths before it reads or writes, and works on any endianness and alignment. float must be
 * IEEE 754 binary32. Put both files into the firmware's build, or into anything else that reads the bytes.
 */
#ifndef SENSORHUB_PROTOCOL_H
#define SENSORHUB_PROTOCOL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SH_MAJOR 1
#define SH_MINOR 0

#define SH_MAX_VALUE 512 /* the longest value of an attribute */
#define SH_ATT_OVERHEAD 3 /* bytes of a notification that are not its value */
#define SH_FRAME_HEADER_SIZE 24
#define SH_MAX_TEXT 32
#define SH_MAX_ELEMENTS 4
#define SH_MAX_STREAMS 8
#define SH_MAX_PERIODS 8
#define SH_MAX_CHANNELS 16
#define SH_MAX_CELLS 8
#define SH_MAX_CONTROL 32

/* What became of some bytes: §10. */
typedef enum {
    SH_OK = 0,
    SH_TOO_SHORT = 1,
    SH_UNKNOWN_MAJOR = 2,
    SH_UNKNOWN_STREAM = 3,
    SH_LENGTH_MISMATCH = 4,
    SH_BAD_VALUE = 5,
    SH_MISSING = 6,
    SH_NO_SPACE = 255 /* encoders only: the destination is too small */
} sh_status;

/* ---- Descriptor: §3 ---- */

enum { SH_KIND_ROLLER = 1, SH_KIND_CLIP = 2 };
enum { SH_ROLE_CORE = 1, SH_ROLE_LOWER = 2, SH_ROLE_UPPER = 3 };
enum { SH_STREAM_IMU = 1, SH_STREAM_LOAD = 2, SH_STREAM_BATTERY = 3, SH_STREAM_EVENTS = 4 };
enum { SH_U8 = 1, SH_I8 = 2, SH_U16 = 3, SH_I16 = 4, SH_U32 = 5, SH_I32 = 6 };
enum { SH_LOAD_NONE = 0, SH_LOAD_DIRECT = 1, SH_LOAD_BLADDER = 2, SH_LOAD_RING = 3, SH_LOAD_STRAIN_PAIRS = 4 };
enum { SH_EVENT_TAP = 1, SH_EVENT_BUTTON = 2, SH_EVENT_CHARGER_CONNECTED = 3, SH_EVENT_CHARGER_REMOVED = 4 };
enum {
    SH_ACCELERATION = 1, /* m/s², axis 0, 1, 2 = x, y, z */
    SH_ANGULAR_RATE = 2, /* rad/s, axis 0, 1, 2 = x, y, z */
    SH_TEMPERATURE = 3, /* °C */
    SH_LOAD_COUNTS = 4, /* axis = number of the cell */
    SH_PRESSURE = 5, /* Pa, axis 0 bladder, 1 ambient */
    SH_BATTERY_LEVEL = 6, /* % */
    SH_BATTERY_VOLTAGE = 7, /* V */
    SH_EVENT_CODE = 8,
    SH_EVENT_ARGUMENT = 9,
    SH_TICK_OFFSET = 10 /* ticks after the frame's */
};

/* Physical value = raw · scale + offset. */
typedef struct {
    uint8_t quantity;
    uint8_t axis;
    uint8_t type;
    float scale;
    float offset;
} sh_channel;

typedef struct {
    uint8_t id;
    uint8_t kind;
    uint8_t element;
    uint8_t period_count;
    uint8_t channel_count;
    uint32_t buffer_depth;
    uint32_t periods[SH_MAX_PERIODS];
    sh_channel channels[SH_MAX_CHANNELS];
} sh_stream;

typedef struct {
    uint8_t id;
    uint8_t role;
} sh_element;

/* F = (counts − zero) · gain · (1 + coefficient · (T − reference)), in N and °C. */
typedef struct {
    uint8_t cell;
    float gain;
    float zero;
    float temperature_coefficient;
    float reference_temperature;
} sh_calibration;

typedef struct {
    float radius; /* m */
    float length; /* m */
    uint8_t firm;
    uint8_t arrangement;
} sh_roller;

/* About 2.3 KB: keep it static. */
typedef struct {
    uint8_t minor;
    uint8_t kind;
    uint8_t element_count;
    uint8_t stream_count;
    uint8_t calibration_count;
    uint8_t has_roller;
    uint32_t tick_rate;
    char serial[SH_MAX_TEXT + 1];
    char firmware[SH_MAX_TEXT + 1]; /* empty: not said */
    sh_roller roller;
    sh_element elements[SH_MAX_ELEMENTS];
    sh_calibration calibrations[SH_MAX_CELLS];
    sh_stream streams[SH_MAX_STREAMS];
} sh_descriptor;

/* Reads a descriptor. Anything but SH_OK leaves *descriptor unspecified. */
sh_status sh_descriptor_decode(const uint8_t *bytes, size_t size, sh_descriptor *descriptor);

/* Writes a descriptor that a hub accepts; otherwise says by the same status why not. *size: bytes written. */
sh_status sh_descriptor_encode(const sh_descriptor *descriptor, uint8_t *bytes, size_t capacity, size_t *size);

/* The rules of §3.4. */
sh_status sh_descriptor_check(const sh_descriptor *descriptor);

/* The stream of this id, or NULL. */
const sh_stream *sh_find_stream(const sh_descriptor *descriptor, uint8_t id);

/* The index of the channel of this quantity and axis, or −1. */
int sh_find_channel(const sh_stream *stream, uint8_t quantity, uint8_t axis);

/* Bytes of one sample. */
size_t sh_sample_size(const sh_stream *stream);

/* ---- Frames: §4 ---- */

enum { SH_FLAG_BACKLOG = 1, SH_FLAG_END = 2, SH_FLAG_SATURATED = 4, SH_FLAG_OVERFLOW = 8 };

typedef struct {
    uint8_t minor;
    uint8_t stream;
    uint8_t flags;
    uint8_t count;
    uint32_t boot_id;
    uint32_t sequence;
    uint64_t ticks;
    uint32_t period;
} sh_frame_header;

/* A view: samples points into the bytes it was read from. */
typedef struct {
    sh_frame_header header;
    const uint8_t *samples;
    size_t samples_size;
} sh_frame;

/* Reads a frame without knowing its stream. */
sh_status sh_frame_decode(const uint8_t *bytes, size_t size, sh_frame *frame);

/* Whether it is one of this sensor. On SH_OK *stream is its stream. */
sh_status sh_frame_check(const sh_frame *frame, const sh_descriptor *descriptor, const sh_stream **stream);

/* Writes header and samples. Returns the bytes written; 0 when they do not fit or the header is one that decoding refuses. */
size_t sh_frame_encode(const sh_frame_header *header, const uint8_t *samples, size_t samples_size, uint8_t *bytes, size_t capacity);

/*
 * Samples that a frame carries (§4.5): 1 to 255, or 0 = SH_MTU_TOO_SMALL. period 0: an event stream; latency_ms 0: no limit.
 */
uint8_t sh_samples_per_frame(const sh_stream *stream, uint32_t tick_rate, uint32_t period, uint16_t mtu, uint16_t latency_ms);

/* Reads one channel of one sample. SH_LENGTH_MISMATCH when it is not within the bytes. */
sh_status sh_read_raw(const sh_stream *stream, const uint8_t *samples, size_t size, unsigned sample, unsigned channel, int64_t *raw);

/*
 * Writes one channel of one sample. A number outside the channel's range becomes the end of the range, and sets
 * SH_FLAG_SATURATED in *flags (which may be NULL).
 */
sh_status sh_write_raw(const sh_stream *stream, uint8_t *samples, size_t size, unsigned sample, unsigned channel, int64_t raw, uint8_t *flags);

double sh_to_physical(const sh_channel *channel, int64_t raw);

/* The nearest count, halves away from zero. Returns 0 outside of the range: *raw is then its end, or 0 for NaN. */
int sh_to_raw(const sh_channel *channel, double physical, int64_t *raw);

/* ---- Control point: §5 ---- */

#define SH_RESPONSE 0xF0

enum {
    SH_OP_GET_STATUS = 0x01,
    SH_OP_START = 0x02,
    SH_OP_STOP = 0x03,
    SH_OP_EXCHANGE_TIME = 0x04,
    SH_OP_FETCH_BACKLOG = 0x05,
    SH_OP_ABORT_BACKLOG = 0x06,
    SH_OP_GET_RANGE = 0x07,
    SH_OP_IDENTIFY = 0x08,
    SH_OP_ZERO_LOAD = 0x09,
    SH_OP_SET_LOAD_CALIBRATION = 0x0A
};

typedef enum {
    SH_CONTROL_OK = 0,
    SH_UNKNOWN_OP = 1,
    SH_CONTROL_UNKNOWN_STREAM = 2,
    SH_BAD_LENGTH = 3,
    SH_BAD_PARAMETER = 4,
    SH_ALREADY_IN_STATE = 5,
    SH_UNSUPPORTED_PERIOD = 6,
    SH_MTU_TOO_SMALL = 7,
    SH_NOT_AVAILABLE = 8,
    SH_WRONG_BOOT = 9,
    SH_BUSY = 10,
    SH_STORAGE_FULL = 11,
    SH_IN_CHARGER = 12
} sh_control_status;

/* The members that the op has (§5.1); the others are 0. */
typedef struct {
    uint8_t op;
    uint8_t stream; /* Start, Stop, FetchBacklog, GetRange */
    uint8_t seconds; /* Identify */
    uint16_t latency_ms; /* Start */
    uint16_t cells; /* ZeroLoad */
    uint32_t period; /* Start */
    uint32_t cookie; /* ExchangeTime */
    uint32_t boot_id; /* FetchBacklog */
    uint32_t sequence; /* FetchBacklog */
    uint32_t count; /* FetchBacklog */
    sh_calibration calibration; /* SetLoadCalibration */
} sh_request;

/* The members that the op has when the status is SH_CONTROL_OK (§5.1); the others are 0. */
typedef struct {
    uint8_t op;
    uint8_t status;
    uint8_t stream; /* Start, FetchBacklog, GetRange */
    uint8_t streaming; /* GetStatus */
    uint8_t samples_per_frame; /* Start */
    uint32_t period; /* Start */
    uint32_t cookie; /* ExchangeTime */
    uint32_t boot_id; /* GetStatus, ExchangeTime, GetRange */
    uint32_t sequence; /* Start: of the next sample; FetchBacklog, GetRange: of the first */
    uint32_t count; /* FetchBacklog, GetRange */
    uint64_t ticks; /* GetStatus */
    uint64_t received; /* ExchangeTime */
    uint64_t sent; /* ExchangeTime */
} sh_response;

/* Reads a request. What a sensor answers instead of acting, unless SH_CONTROL_OK; request->op is then what was asked (0: nothing). */
sh_control_status sh_request_decode(const uint8_t *bytes, size_t size, sh_request *request);

/* Returns the bytes written; 0 when they do not fit or the op is unknown. */
size_t sh_request_encode(const sh_request *request, uint8_t *bytes, size_t capacity);

sh_status sh_response_decode(const uint8_t *bytes, size_t size, sh_response *response);

/* Returns the bytes written; 0 when they do not fit. */
size_t sh_response_encode(const sh_response *response, uint8_t *bytes, size_t capacity);

/*
 * What of the range *sequence … *sequence + *count − 1 is kept by a ring buffer that has `kept` samples from `first` on (§7.2).
 * Nothing: *count becomes 0.
 */
void sh_backlog_range(uint32_t first, uint32_t kept, uint32_t *sequence, uint32_t *count);

#ifdef __cplusplus
}
#endif

#endif
