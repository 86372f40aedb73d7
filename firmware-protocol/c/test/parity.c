/*
 * The codec as a shared library, for the comparison with the C# codec: many inputs a call, and for each a digest of everything that was
 * decoded. The C# side (tests/SensorHub.Core.Tests/Protocol/ParityTests.cs) makes the same digests.
 */
#include "../sensorhub_protocol.h"

#include <string.h>

#define SENSORS 16

static sh_descriptor sensors[SENSORS];

static uint64_t mix(uint64_t digest, uint64_t value)
{
    digest = (digest ^ value) * 0x9E3779B97F4A7C15u;
    return digest ^ digest >> 32;
}

static uint64_t mix_bytes(uint64_t digest, const uint8_t *bytes, size_t size)
{
    size_t i;
    digest = mix(digest, size);
    for (i = 0; i < size; i++)
        digest = mix(digest, bytes[i]);
    return digest;
}

int parity_set_sensor(unsigned slot, const uint8_t *bytes, size_t size)
{
    return slot < SENSORS ? (int)sh_descriptor_decode(bytes, size, &sensors[slot]) : -1;
}

static uint64_t frame(const uint8_t *bytes, size_t size, const sh_descriptor *descriptor)
{
    sh_frame decoded;
    const sh_stream *stream;
    unsigned s, c;
    uint64_t digest;
    sh_status status = sh_frame_decode(bytes, size, &decoded);
    if (status != SH_OK)
        return mix(0, (uint64_t)status);
    status = sh_frame_check(&decoded, descriptor, &stream);
    digest = mix(1, (uint64_t)status);
    digest = mix(digest, decoded.header.minor);
    digest = mix(digest, decoded.header.stream);
    digest = mix(digest, decoded.header.flags);
    digest = mix(digest, decoded.header.count);
    digest = mix(digest, decoded.header.boot_id);
    digest = mix(digest, decoded.header.sequence);
    digest = mix(digest, decoded.header.ticks);
    digest = mix(digest, decoded.header.period);
    if (status != SH_OK)
        return digest;
    for (s = 0; s < decoded.header.count; s++)
        for (c = 0; c < stream->channel_count; c++) {
            int64_t raw = 0;
            double physical;
            uint64_t bits;
            sh_read_raw(stream, decoded.samples, decoded.samples_size, s, c, &raw);
            physical = sh_to_physical(&stream->channels[c], raw);
            memcpy(&bits, &physical, sizeof bits);
            digest = mix(mix(digest, (uint64_t)raw), bits);
        }
    return digest;
}

static uint64_t descriptor(const uint8_t *bytes, size_t size)
{
    sh_descriptor decoded;
    uint8_t again[SH_MAX_VALUE];
    size_t again_size;
    sh_status status = sh_descriptor_decode(bytes, size, &decoded);
    if (status != SH_OK)
        return mix(0, (uint64_t)status);
    if (sh_descriptor_encode(&decoded, again, sizeof again, &again_size) != SH_OK)
        return ~(uint64_t)0;
    return mix_bytes(1, again, again_size);
}

static uint64_t request(const uint8_t *bytes, size_t size)
{
    sh_request decoded;
    uint8_t again[SH_MAX_CONTROL];
    sh_control_status status = sh_request_decode(bytes, size, &decoded);
    if (status != SH_CONTROL_OK)
        return mix(0, (uint64_t)status);
    return mix_bytes(1, again, sh_request_encode(&decoded, again, sizeof again));
}

static uint64_t response(const uint8_t *bytes, size_t size)
{
    sh_response decoded;
    uint8_t again[SH_MAX_CONTROL];
    sh_status status = sh_response_decode(bytes, size, &decoded);
    if (status != SH_OK)
        return mix(0, (uint64_t)status);
    return mix_bytes(1, again, sh_response_encode(&decoded, again, sizeof again));
}

/* Input i is bytes[ends[i − 1]] to bytes[ends[i]]; its sensor is in slot slots[i]. */
void parity_frames(const uint8_t *bytes, const uint32_t *ends, const uint8_t *slots, uint32_t count, uint64_t *digests)
{
    uint32_t i, start = 0;
    for (i = 0; i < count; start = ends[i++])
        digests[i] = frame(bytes + start, ends[i] - start, &sensors[slots[i]]);
}

void parity_descriptors(const uint8_t *bytes, const uint32_t *ends, uint32_t count, uint64_t *digests)
{
    uint32_t i, start = 0;
    for (i = 0; i < count; start = ends[i++])
        digests[i] = descriptor(bytes + start, ends[i] - start);
}

void parity_requests(const uint8_t *bytes, const uint32_t *ends, uint32_t count, uint64_t *digests)
{
    uint32_t i, start = 0;
    for (i = 0; i < count; start = ends[i++])
        digests[i] = request(bytes + start, ends[i] - start);
}

void parity_responses(const uint8_t *bytes, const uint32_t *ends, uint32_t count, uint64_t *digests)
{
    uint32_t i, start = 0;
    for (i = 0; i < count; start = ends[i++])
        digests[i] = response(bytes + start, ends[i] - start);
}

unsigned parity_samples_per_frame(unsigned slot, unsigned stream, uint32_t period, uint16_t mtu, uint16_t latency_ms)
{
    return sh_samples_per_frame(&sensors[slot].streams[stream], sensors[slot].tick_rate, period, mtu, latency_ms);
}

int parity_to_raw(uint8_t type, float scale, float offset, double physical, int64_t *raw)
{
    sh_channel channel = { SH_TEMPERATURE, 0, 0, 0.0f, 0.0f };
    channel.type = type;
    channel.scale = scale;
    channel.offset = offset;
    return sh_to_raw(&channel, physical, raw);
}
