#include "sensorhub_protocol.h"

#include <string.h>

typedef char sh_float_is_binary32[sizeof(float) == 4 ? 1 : -1];

/* ---- Little-endian bytes, any host ---- */

static uint16_t get_u16(const uint8_t *p)
{
    return (uint16_t)(p[0] | (uint16_t)p[1] << 8);
}

static uint32_t get_u32(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t get_u64(const uint8_t *p)
{
    return get_u32(p) | (uint64_t)get_u32(p + 4) << 32;
}

static uint32_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static float get_f32(const uint8_t *p)
{
    uint32_t bits = get_u32(p);
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static int is_finite(float value)
{
    return (float_bits(value) & 0x7F800000u) != 0x7F800000u;
}

/* Writes as long as there is space, and remembers when there was none. */
typedef struct {
    uint8_t *bytes;
    size_t capacity;
    size_t size;
    int failed;
} writer;

static void put_u8(writer *w, uint8_t value)
{
    if (w->size < w->capacity)
        w->bytes[w->size++] = value;
    else
        w->failed = 1;
}

static void put_u16(writer *w, uint16_t value)
{
    put_u8(w, (uint8_t)(value & 0xFF));
    put_u8(w, (uint8_t)(value >> 8));
}

static void put_u32(writer *w, uint32_t value)
{
    put_u16(w, (uint16_t)(value & 0xFFFF));
    put_u16(w, (uint16_t)(value >> 16));
}

static void put_u64(writer *w, uint64_t value)
{
    put_u32(w, (uint32_t)(value & 0xFFFFFFFFu));
    put_u32(w, (uint32_t)(value >> 32));
}

static void put_f32(writer *w, float value)
{
    put_u32(w, float_bits(value));
}

/* ---- Descriptor: §3 ---- */

enum {
    FIELD_KIND = 1,
    FIELD_SERIAL = 2,
    FIELD_FIRMWARE = 3,
    FIELD_TICK_RATE = 4,
    FIELD_ELEMENT = 5,
    FIELD_STREAM = 6,
    FIELD_LOAD_CALIBRATION = 7,
    FIELD_ROLLER = 8,
    FIELD_COUNT = 9
};

#define CHANNEL_LENGTH 11
#define CALIBRATION_LENGTH 17

static const uint8_t field_length[FIELD_COUNT] = { 0, 1, 1, 1, 4, 2, 9, CALIBRATION_LENGTH, 10 };
static const uint8_t field_limit[FIELD_COUNT] = { 0, 1, 1, 1, 1, SH_MAX_ELEMENTS, SH_MAX_STREAMS, SH_MAX_CELLS, 1 };

static int is_printable(uint8_t character)
{
    return character >= 0x20 && character <= 0x7E;
}

static sh_status read_text(const uint8_t *value, size_t length, char *text)
{
    size_t i;
    if (length > SH_MAX_TEXT)
        return SH_BAD_VALUE;
    for (i = 0; i < length; i++)
        if (!is_printable(value[i]))
            return SH_BAD_VALUE;
    memcpy(text, value, length);
    text[length] = '\0';
    return SH_OK;
}

static void read_calibration(const uint8_t *value, sh_calibration *calibration)
{
    calibration->cell = value[0];
    calibration->gain = get_f32(value + 1);
    calibration->zero = get_f32(value + 5);
    calibration->temperature_coefficient = get_f32(value + 9);
    calibration->reference_temperature = get_f32(value + 13);
}

static void write_calibration(writer *w, const sh_calibration *calibration)
{
    put_u8(w, calibration->cell);
    put_f32(w, calibration->gain);
    put_f32(w, calibration->zero);
    put_f32(w, calibration->temperature_coefficient);
    put_f32(w, calibration->reference_temperature);
}

static sh_status read_stream(const uint8_t *value, size_t length, sh_stream *stream)
{
    size_t at, i;
    stream->id = value[0];
    stream->kind = value[1];
    stream->element = value[2];
    stream->buffer_depth = get_u32(value + 3);

    stream->period_count = value[7];
    at = 8;
    if (stream->period_count > SH_MAX_PERIODS)
        return SH_BAD_VALUE;
    if (length - at < 4u * stream->period_count + 1u)
        return SH_LENGTH_MISMATCH;
    for (i = 0; i < stream->period_count; i++, at += 4)
        stream->periods[i] = get_u32(value + at);

    stream->channel_count = value[at++];
    if (stream->channel_count == 0 || stream->channel_count > SH_MAX_CHANNELS)
        return SH_BAD_VALUE;
    if (length - at < (size_t)CHANNEL_LENGTH * stream->channel_count)
        return SH_LENGTH_MISMATCH;
    for (i = 0; i < stream->channel_count; i++, at += CHANNEL_LENGTH) {
        sh_channel *channel = &stream->channels[i];
        channel->quantity = value[at];
        channel->axis = value[at + 1];
        channel->type = value[at + 2];
        channel->scale = get_f32(value + at + 3);
        channel->offset = get_f32(value + at + 7);
    }
    return SH_OK;
}

static sh_status read_field(uint8_t type, const uint8_t *value, size_t length, sh_descriptor *descriptor)
{
    switch (type) {
    case FIELD_KIND:
        descriptor->kind = value[0];
        return SH_OK;
    case FIELD_SERIAL:
        return read_text(value, length, descriptor->serial);
    case FIELD_FIRMWARE:
        return read_text(value, length, descriptor->firmware);
    case FIELD_TICK_RATE:
        descriptor->tick_rate = get_u32(value);
        return SH_OK;
    case FIELD_ELEMENT: {
        sh_element *element = &descriptor->elements[descriptor->element_count++];
        element->id = value[0];
        element->role = value[1];
        return SH_OK;
    }
    case FIELD_STREAM:
        return read_stream(value, length, &descriptor->streams[descriptor->stream_count++]);
    case FIELD_LOAD_CALIBRATION:
        read_calibration(value, &descriptor->calibrations[descriptor->calibration_count++]);
        return SH_OK;
    case FIELD_ROLLER:
        if (value[8] > 1)
            return SH_BAD_VALUE;
        descriptor->has_roller = 1;
        descriptor->roller.radius = get_f32(value);
        descriptor->roller.length = get_f32(value + 4);
        descriptor->roller.firm = value[8];
        descriptor->roller.arrangement = value[9];
        return SH_OK;
    default:
        return SH_OK;
    }
}

sh_status sh_descriptor_decode(const uint8_t *bytes, size_t size, sh_descriptor *descriptor)
{
    uint8_t seen[FIELD_COUNT] = { 0 };
    size_t at = 2;

    if (size < 2)
        return SH_TOO_SHORT;
    if (bytes[0] != SH_MAJOR)
        return SH_UNKNOWN_MAJOR;
    if (size > SH_MAX_VALUE)
        return SH_LENGTH_MISMATCH;

    memset(descriptor, 0, sizeof *descriptor);
    descriptor->minor = bytes[1];
    while (at < size) {
        uint8_t type;
        size_t length;
        sh_status status;
        if (size - at < 2 || size - at - 2 < bytes[at + 1])
            return SH_LENGTH_MISMATCH;
        type = bytes[at];
        length = bytes[at + 1];
        at += 2;
        if (type > 0 && type < FIELD_COUNT) {
            if (length < field_length[type])
                return SH_LENGTH_MISMATCH;
            if (seen[type]++ == field_limit[type])
                return SH_BAD_VALUE;
            status = read_field(type, bytes + at, length, descriptor);
            if (status != SH_OK)
                return status;
        }
        at += length;
    }
    if (!seen[FIELD_KIND] || !seen[FIELD_SERIAL] || !seen[FIELD_TICK_RATE] || !seen[FIELD_STREAM])
        return SH_MISSING;
    return sh_descriptor_check(descriptor);
}

static int is_calibration(const sh_calibration *calibration)
{
    return calibration->cell < SH_MAX_CELLS && calibration->gain != 0.0f &&
        is_finite(calibration->gain) && is_finite(calibration->zero) &&
        is_finite(calibration->temperature_coefficient) && is_finite(calibration->reference_temperature);
}

/* A terminated text of printable ASCII. */
static int is_text(const char *text)
{
    size_t i;
    for (i = 0; i <= SH_MAX_TEXT; i++) {
        if (text[i] == '\0')
            return 1;
        if (!is_printable((uint8_t)text[i]))
            return 0;
    }
    return 0;
}

static int has_element(const sh_descriptor *descriptor, uint8_t id)
{
    unsigned i;
    for (i = 0; i < descriptor->element_count; i++)
        if (descriptor->elements[i].id == id)
            return 1;
    return 0;
}

static int has_calibration(const sh_descriptor *descriptor, unsigned cell)
{
    unsigned i;
    for (i = 0; i < descriptor->calibration_count; i++)
        if (descriptor->calibrations[i].cell == cell)
            return 1;
    return 0;
}

static int is_named_kind(uint8_t kind)
{
    return kind >= SH_STREAM_IMU && kind <= SH_STREAM_EVENTS;
}

/* What a struct can say that bytes cannot. */
static sh_status check_form(const sh_descriptor *descriptor)
{
    unsigned i;
    if (descriptor->element_count > SH_MAX_ELEMENTS || descriptor->stream_count > SH_MAX_STREAMS ||
        descriptor->calibration_count > SH_MAX_CELLS)
        return SH_BAD_VALUE;
    if (!is_text(descriptor->serial) || !is_text(descriptor->firmware))
        return SH_BAD_VALUE;
    if (descriptor->has_roller && descriptor->roller.firm > 1)
        return SH_BAD_VALUE;
    for (i = 0; i < descriptor->stream_count; i++) {
        const sh_stream *stream = &descriptor->streams[i];
        if (stream->period_count > SH_MAX_PERIODS || stream->channel_count == 0 || stream->channel_count > SH_MAX_CHANNELS)
            return SH_BAD_VALUE;
    }
    if (descriptor->serial[0] == '\0' || descriptor->stream_count == 0)
        return SH_MISSING;
    return SH_OK;
}

static sh_status check_elements(const sh_descriptor *descriptor)
{
    unsigned i, j;
    for (i = 0; i < descriptor->element_count; i++) {
        const sh_element *element = &descriptor->elements[i];
        if (element->id == 0 || element->role == 0)
            return SH_BAD_VALUE;
        for (j = 0; j < i; j++)
            if (descriptor->elements[j].id == element->id || descriptor->elements[j].role == element->role)
                return SH_BAD_VALUE;
    }
    return SH_OK;
}

static sh_status check_calibrations(const sh_descriptor *descriptor)
{
    unsigned i, j;
    for (i = 0; i < descriptor->calibration_count; i++) {
        if (!is_calibration(&descriptor->calibrations[i]))
            return SH_BAD_VALUE;
        for (j = 0; j < i; j++)
            if (descriptor->calibrations[j].cell == descriptor->calibrations[i].cell)
                return SH_BAD_VALUE;
    }
    return SH_OK;
}

static sh_status check_roller(const sh_descriptor *descriptor)
{
    const sh_roller *roller = &descriptor->roller;
    if (descriptor->kind == SH_KIND_ROLLER && !descriptor->has_roller)
        return SH_MISSING;
    if (descriptor->kind == SH_KIND_CLIP)
        return descriptor->has_roller ? SH_BAD_VALUE : SH_OK;
    if (!is_finite(roller->radius) || !(roller->radius > 0) || !is_finite(roller->length) || !(roller->length > 0))
        return SH_BAD_VALUE;
    return roller->arrangement > SH_LOAD_STRAIN_PAIRS ? SH_BAD_VALUE : SH_OK;
}

static sh_status check_stream(const sh_descriptor *descriptor, unsigned index)
{
    const sh_stream *stream = &descriptor->streams[index];
    int is_named = is_named_kind(stream->kind);
    unsigned i;
    if (stream->kind == 0)
        return SH_BAD_VALUE;
    for (i = 0; i < index; i++) {
        const sh_stream *other = &descriptor->streams[i];
        if (other->id == stream->id || (is_named && other->kind == stream->kind && other->element == stream->element))
            return SH_BAD_VALUE;
    }
    if (stream->element != 0 && !has_element(descriptor, stream->element))
        return SH_BAD_VALUE;
    if (is_named && (stream->element != 0) != (stream->kind == SH_STREAM_IMU))
        return SH_BAD_VALUE;
    if (is_named && (stream->period_count == 0) != (stream->kind == SH_STREAM_EVENTS))
        return SH_BAD_VALUE;
    for (i = 0; i < stream->period_count; i++)
        if (stream->periods[i] <= (i == 0 ? 0 : stream->periods[i - 1]))
            return SH_BAD_VALUE;
    return SH_OK;
}

static sh_status check_channels(const sh_stream *stream)
{
    unsigned i;
    for (i = 0; i < stream->channel_count; i++) {
        const sh_channel *channel = &stream->channels[i];
        int is_whole = channel->quantity == SH_LOAD_COUNTS || channel->quantity == SH_EVENT_CODE ||
            channel->quantity == SH_EVENT_ARGUMENT || channel->quantity == SH_TICK_OFFSET;
        if (channel->type < SH_U8 || channel->type > SH_I32)
            return SH_BAD_VALUE;
        if (!is_finite(channel->scale) || channel->scale == 0.0f || !is_finite(channel->offset))
            return SH_BAD_VALUE;
        if (is_whole && (channel->scale != 1.0f || channel->offset != 0.0f))
            return SH_BAD_VALUE;
        if (sh_find_channel(stream, channel->quantity, channel->axis) != (int)i)
            return SH_BAD_VALUE;
    }
    return SH_OK;
}

/* The quantity is there with each of the axes 0 to count − 1. */
static sh_status check_axes(const sh_stream *stream, uint8_t quantity, unsigned count)
{
    unsigned axis;
    for (axis = 0; axis < count; axis++)
        if (sh_find_channel(stream, quantity, (uint8_t)axis) < 0)
            return SH_MISSING;
    return SH_OK;
}

static sh_status check_load(const sh_descriptor *descriptor, const sh_stream *stream)
{
    unsigned i, cells = 0;
    for (i = 0; i < stream->channel_count; i++)
        if (stream->channels[i].quantity == SH_LOAD_COUNTS)
            cells++;
    if (cells > SH_MAX_CELLS)
        return SH_BAD_VALUE;
    if (check_axes(stream, SH_LOAD_COUNTS, cells > 0 ? cells : 1) != SH_OK)
        return SH_MISSING;
    for (i = 0; i < cells; i++)
        if (!has_calibration(descriptor, i))
            return SH_MISSING;
    if (descriptor->has_roller && descriptor->roller.arrangement == SH_LOAD_STRAIN_PAIRS && cells % 2 != 0)
        return SH_BAD_VALUE;
    return SH_OK;
}

static sh_status check_kind(const sh_descriptor *descriptor, const sh_stream *stream)
{
    sh_status status;
    switch (stream->kind) {
    case SH_STREAM_IMU:
        status = check_axes(stream, SH_ACCELERATION, 3);
        return status != SH_OK ? status : check_axes(stream, SH_ANGULAR_RATE, 3);
    case SH_STREAM_LOAD:
        return check_load(descriptor, stream);
    case SH_STREAM_BATTERY:
        return check_axes(stream, SH_BATTERY_LEVEL, 1);
    case SH_STREAM_EVENTS:
        status = check_axes(stream, SH_EVENT_CODE, 1);
        return status != SH_OK ? status : check_axes(stream, SH_TICK_OFFSET, 1);
    default:
        return SH_OK;
    }
}

sh_status sh_descriptor_check(const sh_descriptor *descriptor)
{
    unsigned i;
    int has_load = 0;
    sh_status status = check_form(descriptor);
    if (status != SH_OK)
        return status;
    if ((descriptor->kind != SH_KIND_ROLLER && descriptor->kind != SH_KIND_CLIP) || descriptor->tick_rate == 0)
        return SH_BAD_VALUE;
    if ((status = check_elements(descriptor)) != SH_OK ||
        (status = check_calibrations(descriptor)) != SH_OK ||
        (status = check_roller(descriptor)) != SH_OK)
        return status;
    for (i = 0; i < descriptor->stream_count; i++) {
        const sh_stream *stream = &descriptor->streams[i];
        if ((status = check_stream(descriptor, i)) != SH_OK ||
            (status = check_channels(stream)) != SH_OK ||
            (status = check_kind(descriptor, stream)) != SH_OK)
            return status;
        has_load |= stream->kind == SH_STREAM_LOAD;
    }
    if (has_load != (descriptor->has_roller && descriptor->roller.arrangement != SH_LOAD_NONE))
        return SH_BAD_VALUE;
    return SH_OK;
}

static void put_field(writer *w, uint8_t type, size_t length)
{
    put_u8(w, type);
    put_u8(w, (uint8_t)length);
}

static void put_text(writer *w, uint8_t type, const char *text)
{
    size_t i, length = strlen(text);
    put_field(w, type, length);
    for (i = 0; i < length; i++)
        put_u8(w, (uint8_t)text[i]);
}

static void put_stream(writer *w, const sh_stream *stream)
{
    unsigned i;
    put_field(w, FIELD_STREAM, 9u + 4u * stream->period_count + (unsigned)CHANNEL_LENGTH * stream->channel_count);
    put_u8(w, stream->id);
    put_u8(w, stream->kind);
    put_u8(w, stream->element);
    put_u32(w, stream->buffer_depth);
    put_u8(w, stream->period_count);
    for (i = 0; i < stream->period_count; i++)
        put_u32(w, stream->periods[i]);
    put_u8(w, stream->channel_count);
    for (i = 0; i < stream->channel_count; i++) {
        const sh_channel *channel = &stream->channels[i];
        put_u8(w, channel->quantity);
        put_u8(w, channel->axis);
        put_u8(w, channel->type);
        put_f32(w, channel->scale);
        put_f32(w, channel->offset);
    }
}

sh_status sh_descriptor_encode(const sh_descriptor *descriptor, uint8_t *bytes, size_t capacity, size_t *size)
{
    unsigned i;
    writer w = { bytes, capacity < SH_MAX_VALUE ? capacity : SH_MAX_VALUE, 0, 0 };
    sh_status status = sh_descriptor_check(descriptor);
    *size = 0;
    if (status != SH_OK)
        return status;

    put_u8(&w, SH_MAJOR);
    put_u8(&w, descriptor->minor);
    put_field(&w, FIELD_KIND, 1);
    put_u8(&w, descriptor->kind);
    put_text(&w, FIELD_SERIAL, descriptor->serial);
    if (descriptor->firmware[0] != '\0')
        put_text(&w, FIELD_FIRMWARE, descriptor->firmware);
    put_field(&w, FIELD_TICK_RATE, 4);
    put_u32(&w, descriptor->tick_rate);
    for (i = 0; i < descriptor->element_count; i++) {
        put_field(&w, FIELD_ELEMENT, 2);
        put_u8(&w, descriptor->elements[i].id);
        put_u8(&w, descriptor->elements[i].role);
    }
    for (i = 0; i < descriptor->stream_count; i++)
        put_stream(&w, &descriptor->streams[i]);
    for (i = 0; i < descriptor->calibration_count; i++) {
        put_field(&w, FIELD_LOAD_CALIBRATION, CALIBRATION_LENGTH);
        write_calibration(&w, &descriptor->calibrations[i]);
    }
    if (descriptor->has_roller) {
        put_field(&w, FIELD_ROLLER, 10);
        put_f32(&w, descriptor->roller.radius);
        put_f32(&w, descriptor->roller.length);
        put_u8(&w, descriptor->roller.firm);
        put_u8(&w, descriptor->roller.arrangement);
    }
    if (w.failed)
        return SH_NO_SPACE;
    *size = w.size;
    return SH_OK;
}

const sh_stream *sh_find_stream(const sh_descriptor *descriptor, uint8_t id)
{
    unsigned i;
    for (i = 0; i < descriptor->stream_count; i++)
        if (descriptor->streams[i].id == id)
            return &descriptor->streams[i];
    return NULL;
}

int sh_find_channel(const sh_stream *stream, uint8_t quantity, uint8_t axis)
{
    int i;
    for (i = 0; i < stream->channel_count; i++)
        if (stream->channels[i].quantity == quantity && stream->channels[i].axis == axis)
            return i;
    return -1;
}

static size_t raw_size(uint8_t type)
{
    return type <= SH_I8 ? 1 : type <= SH_I16 ? 2 : 4;
}

static size_t channel_offset(const sh_stream *stream, unsigned channel)
{
    unsigned i;
    size_t size = 0;
    for (i = 0; i < channel; i++)
        size += raw_size(stream->channels[i].type);
    return size;
}

size_t sh_sample_size(const sh_stream *stream)
{
    return channel_offset(stream, stream->channel_count);
}

/* ---- Frames: §4 ---- */

static int is_header(const sh_frame_header *header)
{
    const uint8_t empty_answer = SH_FLAG_BACKLOG | SH_FLAG_END;
    return header->boot_id != 0 && (header->count != 0 || (header->flags & empty_answer) == empty_answer);
}

sh_status sh_frame_decode(const uint8_t *bytes, size_t size, sh_frame *frame)
{
    sh_frame_header *header = &frame->header;
    if (size < 1)
        return SH_TOO_SHORT;
    if (bytes[0] >> 4 != SH_MAJOR)
        return SH_UNKNOWN_MAJOR;
    if (size < SH_FRAME_HEADER_SIZE)
        return SH_TOO_SHORT;
    header->minor = bytes[0] & 0x0F;
    header->stream = bytes[1];
    header->flags = bytes[2];
    header->count = bytes[3];
    header->boot_id = get_u32(bytes + 4);
    header->sequence = get_u32(bytes + 8);
    header->ticks = get_u64(bytes + 12);
    header->period = get_u32(bytes + 20);
    frame->samples = bytes + SH_FRAME_HEADER_SIZE;
    frame->samples_size = size - SH_FRAME_HEADER_SIZE;
    return is_header(header) ? SH_OK : SH_BAD_VALUE;
}

sh_status sh_frame_check(const sh_frame *frame, const sh_descriptor *descriptor, const sh_stream **stream)
{
    *stream = sh_find_stream(descriptor, frame->header.stream);
    if (*stream == NULL)
        return SH_UNKNOWN_STREAM;
    if (frame->samples_size != frame->header.count * sh_sample_size(*stream))
        return SH_LENGTH_MISMATCH;
    return (frame->header.period == 0) == ((*stream)->period_count == 0) ? SH_OK : SH_BAD_VALUE;
}

size_t sh_frame_encode(const sh_frame_header *header, const uint8_t *samples, size_t samples_size, uint8_t *bytes, size_t capacity)
{
    writer w = { bytes, capacity, 0, 0 };
    if (header->minor > 15 || !is_header(header) ||
        capacity < SH_FRAME_HEADER_SIZE || capacity - SH_FRAME_HEADER_SIZE < samples_size)
        return 0;
    put_u8(&w, (uint8_t)(SH_MAJOR << 4 | header->minor));
    put_u8(&w, header->stream);
    put_u8(&w, header->flags);
    put_u8(&w, header->count);
    put_u32(&w, header->boot_id);
    put_u32(&w, header->sequence);
    put_u64(&w, header->ticks);
    put_u32(&w, header->period);
    if (samples_size > 0)
        memcpy(bytes + w.size, samples, samples_size);
    return w.size + samples_size;
}

uint8_t sh_samples_per_frame(const sh_stream *stream, uint32_t tick_rate, uint32_t period, uint16_t mtu, uint16_t latency_ms)
{
    size_t value, by_mtu;
    uint64_t by_latency;
    if (mtu < SH_ATT_OVERHEAD + SH_FRAME_HEADER_SIZE || stream->channel_count == 0)
        return 0;
    value = mtu - SH_ATT_OVERHEAD < SH_MAX_VALUE ? mtu - SH_ATT_OVERHEAD : SH_MAX_VALUE;
    by_mtu = (value - SH_FRAME_HEADER_SIZE) / sh_sample_size(stream);
    if (by_mtu > 255)
        by_mtu = 255;
    if (period == 0 || latency_ms == 0)
        return (uint8_t)by_mtu;
    by_latency = (uint64_t)latency_ms * tick_rate / 1000 / period + 1;
    return (uint8_t)(by_latency < by_mtu ? by_latency : by_mtu);
}

static int is_place(const sh_stream *stream, size_t size, unsigned sample, unsigned channel, size_t *at)
{
    size_t sample_size;
    if (channel >= stream->channel_count)
        return 0;
    sample_size = sh_sample_size(stream);
    if (sample >= size / sample_size)
        return 0;
    *at = sample * sample_size + channel_offset(stream, channel);
    return 1;
}

sh_status sh_read_raw(const sh_stream *stream, const uint8_t *samples, size_t size, unsigned sample, unsigned channel, int64_t *raw)
{
    size_t at;
    if (!is_place(stream, size, sample, channel, &at))
        return SH_LENGTH_MISMATCH;
    samples += at;
    switch (stream->channels[channel].type) {
    case SH_U8:
        *raw = samples[0];
        break;
    case SH_I8:
        *raw = samples[0] < 0x80 ? samples[0] : samples[0] - 0x100;
        break;
    case SH_U16:
        *raw = get_u16(samples);
        break;
    case SH_I16:
        *raw = (int64_t)get_u16(samples) - (get_u16(samples) < 0x8000 ? 0 : 0x10000);
        break;
    case SH_U32:
        *raw = get_u32(samples);
        break;
    default:
        *raw = (int64_t)get_u32(samples) - (get_u32(samples) < 0x80000000u ? 0 : (int64_t)1 << 32);
        break;
    }
    return SH_OK;
}

static int64_t min_raw(uint8_t type)
{
    return type == SH_I8 ? INT8_MIN : type == SH_I16 ? INT16_MIN : type == SH_I32 ? INT32_MIN : 0;
}

static int64_t max_raw(uint8_t type)
{
    switch (type) {
    case SH_U8: return UINT8_MAX;
    case SH_I8: return INT8_MAX;
    case SH_U16: return UINT16_MAX;
    case SH_I16: return INT16_MAX;
    case SH_U32: return UINT32_MAX;
    default: return INT32_MAX;
    }
}

sh_status sh_write_raw(const sh_stream *stream, uint8_t *samples, size_t size, unsigned sample, unsigned channel, int64_t raw, uint8_t *flags)
{
    size_t at, width;
    uint8_t type;
    int64_t value;
    writer w;
    if (!is_place(stream, size, sample, channel, &at))
        return SH_LENGTH_MISMATCH;
    type = stream->channels[channel].type;
    width = raw_size(type);
    value = raw < min_raw(type) ? min_raw(type) : raw > max_raw(type) ? max_raw(type) : raw;
    if (value != raw && flags != NULL)
        *flags |= SH_FLAG_SATURATED;
    w.bytes = samples + at;
    w.capacity = width;
    w.size = 0;
    w.failed = 0;
    if (width == 1)
        put_u8(&w, (uint8_t)(value & 0xFF));
    else if (width == 2)
        put_u16(&w, (uint16_t)(value & 0xFFFF));
    else
        put_u32(&w, (uint32_t)(value & 0xFFFFFFFF));
    return SH_OK;
}

double sh_to_physical(const sh_channel *channel, int64_t raw)
{
    /* Two statements, so that no compiler fuses them: every host has the same number. */
    double scaled = (double)raw * (double)channel->scale;
    return scaled + (double)channel->offset;
}

int sh_to_raw(const sh_channel *channel, double physical, int64_t *raw)
{
    const int64_t min = min_raw(channel->type), max = max_raw(channel->type);
    double counts = (physical - (double)channel->offset) / (double)channel->scale;
    counts += counts < 0 ? -0.5 : 0.5;
    if (counts > (double)min - 1.0 && counts < (double)max + 1.0) {
        *raw = (int64_t)counts;
        return 1;
    }
    *raw = counts != counts ? 0 : counts < 0 ? min : max;
    return 0;
}

/* ---- Control point: §5 ---- */

static size_t request_length(uint8_t op)
{
    switch (op) {
    case SH_OP_GET_STATUS:
    case SH_OP_ABORT_BACKLOG:
        return 1;
    case SH_OP_STOP:
    case SH_OP_GET_RANGE:
    case SH_OP_IDENTIFY:
        return 2;
    case SH_OP_ZERO_LOAD:
        return 3;
    case SH_OP_EXCHANGE_TIME:
        return 5;
    case SH_OP_START:
        return 8;
    case SH_OP_FETCH_BACKLOG:
        return 14;
    case SH_OP_SET_LOAD_CALIBRATION:
        return 1 + CALIBRATION_LENGTH;
    default:
        return 0;
    }
}

sh_control_status sh_request_decode(const uint8_t *bytes, size_t size, sh_request *request)
{
    memset(request, 0, sizeof *request);
    if (size == 0)
        return SH_BAD_LENGTH;
    request->op = bytes[0];
    if (request_length(bytes[0]) == 0)
        return SH_UNKNOWN_OP;
    if (request_length(bytes[0]) != size)
        return SH_BAD_LENGTH;

    switch (request->op) {
    case SH_OP_START:
        request->stream = bytes[1];
        request->period = get_u32(bytes + 2);
        request->latency_ms = get_u16(bytes + 6);
        return SH_CONTROL_OK;
    case SH_OP_STOP:
    case SH_OP_GET_RANGE:
        request->stream = bytes[1];
        return SH_CONTROL_OK;
    case SH_OP_EXCHANGE_TIME:
        request->cookie = get_u32(bytes + 1);
        return SH_CONTROL_OK;
    case SH_OP_FETCH_BACKLOG:
        request->stream = bytes[1];
        request->boot_id = get_u32(bytes + 2);
        request->sequence = get_u32(bytes + 6);
        request->count = get_u32(bytes + 10);
        return request->count > 0 && request->count <= INT32_MAX ? SH_CONTROL_OK : SH_BAD_PARAMETER;
    case SH_OP_IDENTIFY:
        request->seconds = bytes[1];
        return SH_CONTROL_OK;
    case SH_OP_ZERO_LOAD:
        request->cells = get_u16(bytes + 1);
        return request->cells > 0 && request->cells < 1u << SH_MAX_CELLS ? SH_CONTROL_OK : SH_BAD_PARAMETER;
    case SH_OP_SET_LOAD_CALIBRATION:
        read_calibration(bytes + 1, &request->calibration);
        return is_calibration(&request->calibration) ? SH_CONTROL_OK : SH_BAD_PARAMETER;
    default:
        return SH_CONTROL_OK;
    }
}

size_t sh_request_encode(const sh_request *request, uint8_t *bytes, size_t capacity)
{
    writer w = { bytes, capacity, 0, 0 };
    if (request_length(request->op) == 0)
        return 0;
    put_u8(&w, request->op);
    switch (request->op) {
    case SH_OP_START:
        put_u8(&w, request->stream);
        put_u32(&w, request->period);
        put_u16(&w, request->latency_ms);
        break;
    case SH_OP_STOP:
    case SH_OP_GET_RANGE:
        put_u8(&w, request->stream);
        break;
    case SH_OP_EXCHANGE_TIME:
        put_u32(&w, request->cookie);
        break;
    case SH_OP_FETCH_BACKLOG:
        put_u8(&w, request->stream);
        put_u32(&w, request->boot_id);
        put_u32(&w, request->sequence);
        put_u32(&w, request->count);
        break;
    case SH_OP_IDENTIFY:
        put_u8(&w, request->seconds);
        break;
    case SH_OP_ZERO_LOAD:
        put_u16(&w, request->cells);
        break;
    case SH_OP_SET_LOAD_CALIBRATION:
        write_calibration(&w, &request->calibration);
        break;
    default:
        break;
    }
    return w.failed ? 0 : w.size;
}

/* Bytes behind op and status of a response that is ok. */
static size_t response_length(uint8_t op)
{
    switch (op) {
    case SH_OP_GET_STATUS: return 13;
    case SH_OP_START: return 10;
    case SH_OP_EXCHANGE_TIME: return 24;
    case SH_OP_FETCH_BACKLOG: return 9;
    case SH_OP_GET_RANGE: return 13;
    default: return 0;
    }
}

sh_status sh_response_decode(const uint8_t *bytes, size_t size, sh_response *response)
{
    const uint8_t *body;
    memset(response, 0, sizeof *response);
    if (size < 3)
        return SH_TOO_SHORT;
    if (bytes[0] != SH_RESPONSE)
        return SH_BAD_VALUE;
    response->op = bytes[1];
    response->status = bytes[2];
    if (response->status != SH_CONTROL_OK)
        return SH_OK;
    if (size - 3 < response_length(response->op))
        return SH_LENGTH_MISMATCH;

    body = bytes + 3;
    switch (response->op) {
    case SH_OP_GET_STATUS:
        response->boot_id = get_u32(body);
        response->ticks = get_u64(body + 4);
        response->streaming = body[12];
        return response->boot_id != 0 ? SH_OK : SH_BAD_VALUE;
    case SH_OP_START:
        response->stream = body[0];
        response->period = get_u32(body + 1);
        response->samples_per_frame = body[5];
        response->sequence = get_u32(body + 6);
        return response->samples_per_frame != 0 ? SH_OK : SH_BAD_VALUE;
    case SH_OP_EXCHANGE_TIME:
        response->cookie = get_u32(body);
        response->boot_id = get_u32(body + 4);
        response->received = get_u64(body + 8);
        response->sent = get_u64(body + 16);
        return response->boot_id != 0 ? SH_OK : SH_BAD_VALUE;
    case SH_OP_FETCH_BACKLOG:
        response->stream = body[0];
        response->sequence = get_u32(body + 1);
        response->count = get_u32(body + 5);
        return SH_OK;
    case SH_OP_GET_RANGE:
        response->stream = body[0];
        response->boot_id = get_u32(body + 1);
        response->sequence = get_u32(body + 5);
        response->count = get_u32(body + 9);
        return response->boot_id != 0 ? SH_OK : SH_BAD_VALUE;
    default:
        return SH_OK;
    }
}

size_t sh_response_encode(const sh_response *response, uint8_t *bytes, size_t capacity)
{
    writer w = { bytes, capacity, 0, 0 };
    put_u8(&w, SH_RESPONSE);
    put_u8(&w, response->op);
    put_u8(&w, response->status);
    switch (response->status == SH_CONTROL_OK ? response->op : 0) {
    case SH_OP_GET_STATUS:
        put_u32(&w, response->boot_id);
        put_u64(&w, response->ticks);
        put_u8(&w, response->streaming);
        break;
    case SH_OP_START:
        put_u8(&w, response->stream);
        put_u32(&w, response->period);
        put_u8(&w, response->samples_per_frame);
        put_u32(&w, response->sequence);
        break;
    case SH_OP_EXCHANGE_TIME:
        put_u32(&w, response->cookie);
        put_u32(&w, response->boot_id);
        put_u64(&w, response->received);
        put_u64(&w, response->sent);
        break;
    case SH_OP_FETCH_BACKLOG:
        put_u8(&w, response->stream);
        put_u32(&w, response->sequence);
        put_u32(&w, response->count);
        break;
    case SH_OP_GET_RANGE:
        put_u8(&w, response->stream);
        put_u32(&w, response->boot_id);
        put_u32(&w, response->sequence);
        put_u32(&w, response->count);
        break;
    default:
        break;
    }
    return w.failed ? 0 : w.size;
}

void sh_backlog_range(uint32_t first, uint32_t kept, uint32_t *sequence, uint32_t *count)
{
    uint32_t ahead = *sequence - first;
    if (ahead < 0x80000000u) {
        uint32_t left = ahead < kept ? kept - ahead : 0;
        *count = *count < left ? *count : left;
    } else {
        uint32_t behind = first - *sequence;
        uint32_t left = *count > behind ? *count - behind : 0;
        *count = left < kept ? left : kept;
        if (*count > 0)
            *sequence = first;
    }
}
