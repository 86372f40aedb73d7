/*
 * Tests of the reference codec on the host: test VECTORS [FUZZED [SEED]].
 * VECTORS is the folder of the vectors; FUZZED the number of mutated inputs. Each input lies in memory of exactly its size, so that
 * AddressSanitizer sees a byte too many.
 */
#include "../sensorhub_protocol.h"
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned passed, failed;

/* Set while a test runs; EXPECT fails it. */
static const char *test_name;
static int test_failed;

#define EXPECT(condition) expect((condition) ? 1 : 0, #condition, __LINE__)

static void expect(int holds, const char *condition, int line)
{
    if (!holds && !test_failed)
        printf("FAILED %s: line %d: %s\n", test_name, line, condition);
    if (!holds)
        test_failed = 1;
}

static void begin(const char *name)
{
    test_name = name;
    test_failed = 0;
}

static void end(void)
{
    if (test_failed)
        failed++;
    else
        passed++;
}

/* ---- Vectors ---- */

typedef struct {
    char name[80];
    uint8_t *bytes;
    size_t size;
    const json *json;
} vector;

typedef struct {
    vector *items;
    size_t count;
} vectors;

static int nibble(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

static uint8_t *copy_exactly(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size);
    if (copy == NULL && size > 0)
        abort();
    if (size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

static vectors load(const char *folder, const char *name)
{
    char path[1024];
    const json *list, *item;
    vectors all;
    size_t n = 0, i;
    snprintf(path, sizeof path, "%s/%s.json", folder, name);
    list = json_get(json_load(path), "vectors");
    all.count = json_count(list);
    all.items = calloc(all.count, sizeof *all.items);
    if (all.items == NULL)
        abort();
    for (item = list->child; item != NULL; item = item->next) {
        vector *v = &all.items[n++];
        const json *bytes = json_get(item, "bytes"), *label = json_get(item, "name");
        snprintf(v->name, sizeof v->name, "%s: %.*s", name, (int)label->length - 2, label->text + 1);
        v->json = item;
        v->size = (bytes->length - 2) / 2;
        v->bytes = malloc(v->size > 0 ? v->size : 1);
        if (v->bytes == NULL)
            abort();
        for (i = 0; i < v->size; i++)
            v->bytes[i] = (uint8_t)(nibble(bytes->text[1 + 2 * i]) << 4 | nibble(bytes->text[2 + 2 * i]));
    }
    return all;
}

static uint64_t u64(const json *object, const char *name)
{
    return json_u64(json_get(object, name));
}

static float f32(const json *object, const char *name)
{
    return (float)json_number(json_get(object, name));
}

static int is_true(const json *object, const char *name)
{
    const json *value = json_get(object, name);
    return value != NULL && value->type == 't';
}

static void expect_calibration(const json *expected, const sh_calibration *actual)
{
    EXPECT(actual->cell == u64(expected, "cell"));
    EXPECT(actual->gain == f32(expected, "gain"));
    EXPECT(actual->zero == f32(expected, "zero"));
    EXPECT(actual->temperature_coefficient == f32(expected, "temperature_coefficient"));
    EXPECT(actual->reference_temperature == f32(expected, "reference_temperature"));
}

static void expect_stream(const json *expected, const sh_stream *actual)
{
    const json *periods = json_get(expected, "periods"), *channels = json_get(expected, "channels"), *item;
    size_t n;
    EXPECT(actual->id == u64(expected, "id"));
    EXPECT(actual->kind == u64(expected, "kind"));
    EXPECT(actual->element == u64(expected, "element"));
    EXPECT(actual->buffer_depth == u64(expected, "buffer_depth"));
    EXPECT(sh_sample_size(actual) == u64(expected, "sample_size"));
    EXPECT(actual->period_count == json_count(periods));
    for (n = 0, item = periods->child; item != NULL; item = item->next)
        EXPECT(actual->periods[n++] == json_u64(item));
    EXPECT(actual->channel_count == json_count(channels));
    for (n = 0, item = channels->child; item != NULL; item = item->next, n++) {
        EXPECT(actual->channels[n].quantity == u64(item, "quantity"));
        EXPECT(actual->channels[n].axis == u64(item, "axis"));
        EXPECT(actual->channels[n].type == u64(item, "type"));
        EXPECT(actual->channels[n].scale == f32(item, "scale"));
        EXPECT(actual->channels[n].offset == f32(item, "offset"));
    }
}

static void expect_descriptor(const json *expected, const sh_descriptor *actual)
{
    const json *roller = json_get(expected, "roller"), *item;
    size_t n;
    EXPECT(actual->minor == u64(expected, "minor"));
    EXPECT(actual->kind == u64(expected, "kind"));
    EXPECT(json_is(json_get(expected, "serial"), actual->serial));
    EXPECT(json_is(json_get(expected, "firmware"), actual->firmware));
    EXPECT(actual->tick_rate == u64(expected, "tick_rate"));
    EXPECT(actual->element_count == json_count(json_get(expected, "elements")));
    for (n = 0, item = json_get(expected, "elements")->child; item != NULL; item = item->next, n++) {
        EXPECT(actual->elements[n].id == u64(item, "id"));
        EXPECT(actual->elements[n].role == u64(item, "role"));
    }
    EXPECT(actual->stream_count == json_count(json_get(expected, "streams")));
    for (n = 0, item = json_get(expected, "streams")->child; item != NULL; item = item->next)
        expect_stream(item, &actual->streams[n++]);
    EXPECT(actual->calibration_count == json_count(json_get(expected, "load_calibrations")));
    for (n = 0, item = json_get(expected, "load_calibrations")->child; item != NULL; item = item->next)
        expect_calibration(item, &actual->calibrations[n++]);
    EXPECT(actual->has_roller == (roller != NULL));
    if (roller != NULL) {
        EXPECT(actual->roller.radius == f32(roller, "radius_m"));
        EXPECT(actual->roller.length == f32(roller, "length_m"));
        EXPECT(actual->roller.firm == is_true(roller, "firm"));
        EXPECT(actual->roller.arrangement == u64(roller, "arrangement"));
    }
}

/* Space for one byte less is no space, and stays untouched behind its end. */
static void expect_descriptor_encodes(const sh_descriptor *descriptor, const uint8_t *expected, size_t expected_size)
{
    size_t capacity, size;
    uint8_t *bytes;
    for (capacity = 0; capacity < expected_size; capacity++) {
        bytes = malloc(capacity > 0 ? capacity : 1);
        EXPECT(sh_descriptor_encode(descriptor, bytes, capacity, &size) == SH_NO_SPACE && size == 0);
        free(bytes);
    }
    bytes = malloc(expected_size);
    EXPECT(sh_descriptor_encode(descriptor, bytes, expected_size, &size) == SH_OK);
    EXPECT(size == expected_size && memcmp(bytes, expected, size) == 0);
    free(bytes);
}

static void test_descriptors(const vectors *all)
{
    size_t i;
    for (i = 0; i < all->count; i++) {
        const vector *v = &all->items[i];
        static sh_descriptor descriptor;
        sh_status expected = (sh_status)u64(v->json, "status");
        uint8_t *bytes = copy_exactly(v->bytes, v->size);
        begin(v->name);
        EXPECT(sh_descriptor_decode(bytes, v->size, &descriptor) == expected);
        if (expected == SH_OK && !test_failed)
            expect_descriptor(json_get(v->json, "descriptor"), &descriptor);
        if (is_true(v->json, "encode") && !test_failed)
            expect_descriptor_encodes(&descriptor, v->bytes, v->size);
        free(bytes);
        end();
    }
}

static void expect_samples(const json *json_vector, const sh_frame *frame, const sh_stream *stream)
{
    const json *samples = json_get(json_vector, "raw"), *physical = json_get(json_vector, "physical"), *item, *value, *physical_item, *physical_value;
    unsigned s = 0, c;
    uint8_t *written = malloc(frame->samples_size > 0 ? frame->samples_size : 1);
    uint8_t flags = 0;
    int64_t raw;
    EXPECT(json_count(samples) == frame->header.count);
    for (item = samples->child, physical_item = physical->child; item != NULL; item = item->next, physical_item = physical_item->next, s++)
        for (value = item->child, physical_value = physical_item->child, c = 0; value != NULL; value = value->next, physical_value = physical_value->next, c++) {
            int64_t back;
            EXPECT(sh_read_raw(stream, frame->samples, frame->samples_size, s, c, &raw) == SH_OK);
            EXPECT(raw == json_i64(value));
            EXPECT(sh_to_physical(&stream->channels[c], raw) == json_number(physical_value));
            EXPECT(sh_write_raw(stream, written, frame->samples_size, s, c, raw, &flags) == SH_OK);
            if (stream->channels[c].scale > 1e-3f && stream->channels[c].scale < 1e3f)
                EXPECT(sh_to_raw(&stream->channels[c], sh_to_physical(&stream->channels[c], raw), &back) && back == raw);
        }
    EXPECT(flags == 0);
    EXPECT(frame->samples_size == 0 || memcmp(written, frame->samples, frame->samples_size) == 0);
    EXPECT(sh_read_raw(stream, frame->samples, frame->samples_size, s, 0, &raw) == SH_LENGTH_MISMATCH);
    EXPECT(sh_read_raw(stream, frame->samples, frame->samples_size, 0, stream->channel_count, &raw) == SH_LENGTH_MISMATCH);
    EXPECT(sh_read_raw(stream, frame->samples, frame->samples_size, ~0u, 0, &raw) == SH_LENGTH_MISMATCH);
    free(written);
}

static const vector *find(const vectors *all, const json *name)
{
    size_t i;
    for (i = 0; i < all->count; i++) {
        const json *candidate = json_get(all->items[i].json, "name");
        if (candidate->length == name->length && memcmp(candidate->text, name->text, name->length) == 0)
            return &all->items[i];
    }
    abort();
}

static void test_frames(const vectors *all, const vectors *descriptors)
{
    size_t i;
    for (i = 0; i < all->count; i++) {
        const vector *v = &all->items[i], *sensor = find(descriptors, json_get(v->json, "sensor"));
        static sh_descriptor descriptor;
        const sh_stream *stream = NULL;
        const json *header = json_get(v->json, "header");
        uint8_t *bytes = copy_exactly(v->bytes, v->size);
        sh_frame frame;
        sh_status status;
        begin(v->name);
        EXPECT(sh_descriptor_decode(sensor->bytes, sensor->size, &descriptor) == SH_OK);
        status = sh_frame_decode(bytes, v->size, &frame);
        EXPECT(status == (sh_status)u64(v->json, "decode"));
        if (status == SH_OK)
            status = sh_frame_check(&frame, &descriptor, &stream);
        EXPECT(status == (sh_status)u64(v->json, "status"));
        if (status == SH_OK && !test_failed) {
            uint8_t *again = malloc(v->size);
            EXPECT(frame.header.minor == u64(header, "minor"));
            EXPECT(frame.header.stream == u64(header, "stream"));
            EXPECT(frame.header.flags == u64(header, "flags"));
            EXPECT(frame.header.count == u64(header, "count"));
            EXPECT(frame.header.boot_id == u64(header, "boot_id"));
            EXPECT(frame.header.sequence == u64(header, "sequence"));
            EXPECT(frame.header.ticks == u64(header, "ticks"));
            EXPECT(frame.header.period == u64(header, "period"));
            expect_samples(v->json, &frame, stream);
            EXPECT(sh_frame_encode(&frame.header, frame.samples, frame.samples_size, again, v->size - 1) == 0);
            EXPECT(sh_frame_encode(&frame.header, frame.samples, frame.samples_size, again, v->size) == v->size);
            EXPECT(memcmp(again, v->bytes, v->size) == 0);
            free(again);
        }
        free(bytes);
        end();
    }
}

static void test_requests(const vectors *all)
{
    size_t i;
    for (i = 0; i < all->count; i++) {
        const vector *v = &all->items[i];
        const json *expected = json_get(v->json, "request");
        uint8_t *bytes = copy_exactly(v->bytes, v->size);
        sh_request request;
        begin(v->name);
        EXPECT(sh_request_decode(bytes, v->size, &request) == (sh_control_status)u64(v->json, "status"));
        EXPECT(request.op == (v->size > 0 ? v->bytes[0] : 0));
        if (expected != NULL) {
            uint8_t *again = malloc(v->size);
            EXPECT(request.op == u64(expected, "op"));
            EXPECT(request.stream == u64(expected, "stream"));
            EXPECT(request.seconds == u64(expected, "seconds"));
            EXPECT(request.latency_ms == u64(expected, "latency_ms"));
            EXPECT(request.cells == u64(expected, "cells"));
            EXPECT(request.period == u64(expected, "period"));
            EXPECT(request.cookie == u64(expected, "cookie"));
            EXPECT(request.boot_id == u64(expected, "boot_id"));
            EXPECT(request.sequence == u64(expected, "sequence"));
            EXPECT(request.count == u64(expected, "count"));
            expect_calibration(json_get(expected, "calibration"), &request.calibration);
            EXPECT(sh_request_encode(&request, again, v->size - 1) == 0);
            EXPECT(sh_request_encode(&request, again, v->size) == v->size && memcmp(again, v->bytes, v->size) == 0);
            free(again);
        }
        free(bytes);
        end();
    }
}

static void test_responses(const vectors *all)
{
    size_t i;
    for (i = 0; i < all->count; i++) {
        const vector *v = &all->items[i];
        const json *expected = json_get(v->json, "response");
        uint8_t *bytes = copy_exactly(v->bytes, v->size);
        sh_response response;
        begin(v->name);
        EXPECT(sh_response_decode(bytes, v->size, &response) == (sh_status)u64(v->json, "status"));
        if (expected != NULL) {
            EXPECT(response.op == u64(expected, "op"));
            EXPECT(response.status == u64(expected, "control_status"));
            EXPECT(response.stream == u64(expected, "stream"));
            EXPECT(response.streaming == u64(expected, "streaming"));
            EXPECT(response.samples_per_frame == u64(expected, "samples_per_frame"));
            EXPECT(response.period == u64(expected, "period"));
            EXPECT(response.cookie == u64(expected, "cookie"));
            EXPECT(response.boot_id == u64(expected, "boot_id"));
            EXPECT(response.sequence == u64(expected, "sequence"));
            EXPECT(response.count == u64(expected, "count"));
            EXPECT(response.ticks == u64(expected, "ticks"));
            EXPECT(response.received == u64(expected, "received"));
            EXPECT(response.sent == u64(expected, "sent"));
        }
        if (is_true(v->json, "encode")) {
            uint8_t *again = malloc(v->size);
            EXPECT(sh_response_encode(&response, again, v->size - 1) == 0);
            EXPECT(sh_response_encode(&response, again, v->size) == v->size && memcmp(again, v->bytes, v->size) == 0);
            free(again);
        }
        free(bytes);
        end();
    }
}

/* ---- What no vector says ---- */

static void test_samples_per_frame(const vectors *descriptors)
{
    static sh_descriptor clip;
    const sh_stream *imu, *events;
    const vector *v = find(descriptors, json_get(descriptors->items[1].json, "name"));
    begin("samples per frame");
    EXPECT(sh_descriptor_decode(v->bytes, v->size, &clip) == SH_OK);
    imu = sh_find_stream(&clip, 1);
    events = sh_find_stream(&clip, 4);
    EXPECT(imu != NULL && sh_sample_size(imu) == 12 && events != NULL && sh_sample_size(events) == 6);
    EXPECT(sh_samples_per_frame(imu, 32768, 328, 247, 60) == 6); /* 5 periods are 50.05 ms, 6 would be 60.06 */
    EXPECT(sh_samples_per_frame(imu, 32768, 164, 247, 60) == 12);
    EXPECT(sh_samples_per_frame(imu, 32768, 328, 247, 0) == 18);
    EXPECT(sh_samples_per_frame(imu, 32768, 328, 247, 1) == 1);
    EXPECT(sh_samples_per_frame(imu, 32768, 328, 65535, 0) == 40); /* 512 bytes are the most */
    EXPECT(sh_samples_per_frame(imu, 32768, 328, 39, 0) == 1);
    EXPECT(sh_samples_per_frame(imu, 32768, 328, 38, 0) == 0);
    EXPECT(sh_samples_per_frame(imu, 32768, 328, 0, 60) == 0);
    EXPECT(sh_samples_per_frame(events, 32768, 0, 247, 60) == 36);
    EXPECT(sh_samples_per_frame(sh_find_stream(&clip, 3), 32768, 1, 65535, 65535) == 255);
    end();
}

static void test_raw_numbers(void)
{
    sh_channel channel = { SH_TEMPERATURE, 0, SH_I8, 0.5f, 10.0f };
    sh_stream stream = { 0 };
    uint8_t bytes[2] = { 0, 0xEE }, flags = 0;
    int64_t raw;
    const double zero = 0.0;
    begin("raw numbers");
    EXPECT(sh_to_raw(&channel, 10.24, &raw) && raw == 0);
    EXPECT(sh_to_raw(&channel, 10.25, &raw) && raw == 1); /* halves away from zero */
    EXPECT(sh_to_raw(&channel, 9.75, &raw) && raw == -1);
    EXPECT(sh_to_raw(&channel, 73.5, &raw) && raw == 127);
    EXPECT(!sh_to_raw(&channel, 74.0, &raw) && raw == 127);
    EXPECT(sh_to_raw(&channel, -54.0, &raw) && raw == -128);
    EXPECT(!sh_to_raw(&channel, -1e300, &raw) && raw == -128);
    EXPECT(!sh_to_raw(&channel, zero / zero, &raw) && raw == 0);

    stream.channel_count = 1;
    stream.channels[0] = channel;
    EXPECT(sh_write_raw(&stream, bytes, 1, 0, 0, -128, &flags) == SH_OK && bytes[0] == 0x80 && flags == 0);
    EXPECT(sh_write_raw(&stream, bytes, 1, 0, 0, 128, &flags) == SH_OK && bytes[0] == 0x7F && flags == SH_FLAG_SATURATED);
    EXPECT(sh_write_raw(&stream, bytes, 1, 0, 0, INT64_MIN, NULL) == SH_OK && bytes[0] == 0x80);
    EXPECT(sh_write_raw(&stream, bytes, 1, 1, 0, 0, &flags) == SH_LENGTH_MISMATCH && bytes[1] == 0xEE);
    end();
}

static void expect_range(uint32_t first, uint32_t kept, uint32_t sequence, uint32_t count, uint32_t expected_sequence, uint32_t expected_count)
{
    sh_backlog_range(first, kept, &sequence, &count);
    EXPECT(sequence == expected_sequence);
    EXPECT(count == expected_count);
}

static void test_backlog_range(void)
{
    begin("backlog range");
    expect_range(100, 50, 110, 5, 110, 5);
    expect_range(100, 50, 90, 20, 100, 10);
    expect_range(100, 50, 90, 10, 90, 0);
    expect_range(100, 50, 140, 20, 140, 10);
    expect_range(100, 50, 150, 1, 150, 0);
    expect_range(100, 50, 0, 1000, 100, 50);
    expect_range(100, 0, 0, 1000, 0, 0);
    expect_range(0xFFFFFFF0u, 32, 0xFFFFFFFEu, 4, 0xFFFFFFFEu, 4); /* over the wrap */
    expect_range(5, 32, 0xFFFFFFFEu, 10, 5, 3);
    end();
}

static void test_headers_that_are_none(void)
{
    sh_frame_header header = { 0, 1, 0, 1, 7, 0, 0, 1 };
    uint8_t bytes[64], sample[12] = { 0 };
    begin("headers that are none");
    EXPECT(sh_frame_encode(&header, sample, sizeof sample, bytes, sizeof bytes) == 36);
    header.boot_id = 0;
    EXPECT(sh_frame_encode(&header, sample, sizeof sample, bytes, sizeof bytes) == 0);
    header.boot_id = 7;
    header.minor = 16;
    EXPECT(sh_frame_encode(&header, sample, sizeof sample, bytes, sizeof bytes) == 0);
    header.minor = 0;
    header.count = 0;
    EXPECT(sh_frame_encode(&header, NULL, 0, bytes, sizeof bytes) == 0);
    header.flags = SH_FLAG_BACKLOG | SH_FLAG_END;
    EXPECT(sh_frame_encode(&header, NULL, 0, bytes, sizeof bytes) == 24);
    EXPECT(sh_frame_encode(&header, sample, SIZE_MAX, bytes, sizeof bytes) == 0);
    end();
}

static void test_structs_that_bytes_cannot_say(const vectors *descriptors)
{
    static sh_descriptor good, bad;
    const vector *roller = &descriptors->items[0];
    begin("structs that bytes cannot say");
    EXPECT(sh_descriptor_decode(roller->bytes, roller->size, &good) == SH_OK);
    EXPECT(sh_descriptor_check(&good) == SH_OK);
    bad = good, bad.element_count = SH_MAX_ELEMENTS + 1;
    EXPECT(sh_descriptor_check(&bad) == SH_BAD_VALUE);
    bad = good, bad.stream_count = SH_MAX_STREAMS + 1;
    EXPECT(sh_descriptor_check(&bad) == SH_BAD_VALUE);
    bad = good, bad.calibration_count = SH_MAX_CELLS + 1;
    EXPECT(sh_descriptor_check(&bad) == SH_BAD_VALUE);
    bad = good, bad.streams[0].channel_count = SH_MAX_CHANNELS + 1;
    EXPECT(sh_descriptor_check(&bad) == SH_BAD_VALUE);
    bad = good, bad.streams[0].period_count = SH_MAX_PERIODS + 1;
    EXPECT(sh_descriptor_check(&bad) == SH_BAD_VALUE);
    bad = good, memset(bad.serial, 'A', sizeof bad.serial);
    EXPECT(sh_descriptor_check(&bad) == SH_BAD_VALUE);
    bad = good, bad.serial[0] = '\0';
    EXPECT(sh_descriptor_check(&bad) == SH_MISSING);
    bad = good, bad.stream_count = 0;
    EXPECT(sh_descriptor_check(&bad) == SH_MISSING);
    end();
}

/* ---- Mutated inputs: nothing is read or written outside, and what is accepted survives a round trip ---- */

static uint64_t random_state;

static uint32_t random_below(uint32_t limit) /* xorshift64* */
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * 0x2545F4914F6CDD1DULL) >> 32) % limit;
}

static uint8_t *mutate(const vector *v, size_t *size)
{
    static const uint8_t interesting[] = { 0, 1, 2, 0x7F, 0x80, 0xFE, 0xFF };
    static uint8_t bytes[1024];
    uint32_t mutations = random_below(4);
    *size = v->size;
    memcpy(bytes, v->bytes, v->size);
    while (mutations-- > 0) {
        uint32_t kind = random_below(8);
        if (kind == 0)
            *size = random_below((uint32_t)*size + 1);
        else if (kind == 1)
            for (mutations = random_below(20); mutations > 0 && *size < sizeof bytes; mutations--)
                bytes[(*size)++] = (uint8_t)random_below(256);
        else if (*size > 0 && kind < 5)
            bytes[random_below((uint32_t)*size)] ^= (uint8_t)(1u << random_below(8));
        else if (*size > 0)
            bytes[random_below((uint32_t)*size)] = interesting[random_below(sizeof interesting)];
    }
    return copy_exactly(bytes, *size);
}

static void fuzz_descriptor(const uint8_t *bytes, size_t size)
{
    static sh_descriptor first, second;
    uint8_t again[SH_MAX_VALUE], third[SH_MAX_VALUE];
    size_t again_size, third_size;
    if (sh_descriptor_decode(bytes, size, &first) != SH_OK)
        return;
    EXPECT(sh_descriptor_encode(&first, again, sizeof again, &again_size) == SH_OK);
    EXPECT(again_size <= size);
    EXPECT(sh_descriptor_decode(again, again_size, &second) == SH_OK);
    EXPECT(sh_descriptor_encode(&second, third, sizeof third, &third_size) == SH_OK);
    EXPECT(again_size == third_size && memcmp(again, third, again_size) == 0);
}

static void fuzz_frame(const uint8_t *bytes, size_t size, const sh_descriptor *descriptor)
{
    sh_frame frame;
    const sh_stream *stream;
    uint8_t *again;
    unsigned s, c;
    if (sh_frame_decode(bytes, size, &frame) != SH_OK || sh_frame_check(&frame, descriptor, &stream) != SH_OK)
        return;
    again = malloc(size);
    EXPECT(sh_frame_encode(&frame.header, frame.samples, frame.samples_size, again, size) == size);
    EXPECT(memcmp(again, bytes, size) == 0);
    for (s = 0; s < frame.header.count; s++)
        for (c = 0; c < stream->channel_count; c++) {
            int64_t raw, back;
            EXPECT(sh_read_raw(stream, frame.samples, frame.samples_size, s, c, &raw) == SH_OK);
            EXPECT(sh_write_raw(stream, again + SH_FRAME_HEADER_SIZE, frame.samples_size, s, c, raw, NULL) == SH_OK);
            sh_to_raw(&stream->channels[c], sh_to_physical(&stream->channels[c], raw), &back);
        }
    EXPECT(memcmp(again, bytes, size) == 0);
    free(again);
}

static void fuzz_control(const uint8_t *bytes, size_t size)
{
    sh_request request;
    sh_response response;
    uint8_t again[SH_MAX_CONTROL];
    size_t again_size;
    if (sh_request_decode(bytes, size, &request) == SH_CONTROL_OK) {
        EXPECT(sh_request_encode(&request, again, sizeof again) == size);
        EXPECT(memcmp(again, bytes, size) == 0);
    }
    if (sh_response_decode(bytes, size, &response) == SH_OK) {
        again_size = sh_response_encode(&response, again, sizeof again);
        EXPECT(again_size >= 3 && again_size <= size);
        EXPECT(memcmp(again, bytes, again_size) == 0);
    }
}

static void test_mutated_inputs(const vectors *descriptors, const vectors *frames, const vectors *requests, const vectors *responses, unsigned long inputs)
{
    static sh_descriptor sensors[2];
    unsigned long i;
    begin("mutated inputs");
    for (i = 0; i < 2; i++)
        EXPECT(sh_descriptor_decode(descriptors->items[i].bytes, descriptors->items[i].size, &sensors[i]) == SH_OK);
    for (i = 0; i < inputs && !test_failed; i++) {
        const vectors *all = i % 4 == 0 ? descriptors : i % 4 == 1 ? requests : i % 4 == 2 ? responses : frames;
        size_t size;
        uint8_t *bytes = mutate(&all->items[random_below((uint32_t)all->count)], &size);
        if (all == descriptors)
            fuzz_descriptor(bytes, size);
        else if (all == frames)
            fuzz_frame(bytes, size, &sensors[i / 4 % 2]);
        else
            fuzz_control(bytes, size);
        free(bytes);
    }
    end();
}

int main(int argc, char **argv)
{
    unsigned long inputs = argc > 2 ? strtoul(argv[2], NULL, 10) : 100000;
    vectors descriptors, frames, requests, responses;
    if (argc < 2) {
        fprintf(stderr, "usage: test VECTORS [FUZZED [SEED]]\n");
        return 2;
    }
    random_state = argc > 3 ? strtoull(argv[3], NULL, 10) : 1;
    descriptors = load(argv[1], "descriptors");
    frames = load(argv[1], "frames");
    requests = load(argv[1], "requests");
    responses = load(argv[1], "responses");

    test_descriptors(&descriptors);
    test_frames(&frames, &descriptors);
    test_requests(&requests);
    test_responses(&responses);
    test_samples_per_frame(&descriptors);
    test_raw_numbers();
    test_backlog_range();
    test_headers_that_are_none();
    test_structs_that_bytes_cannot_say(&descriptors);
    test_mutated_inputs(&descriptors, &frames, &requests, &responses, inputs);

    printf("%u passed, %u failed, 0 skipped\n", passed, failed);
    return failed > 0;
}
