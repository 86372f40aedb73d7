/* As much of a JSON reader as the vectors need. Values are views into the text; escapes in texts stay as they are. */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

typedef struct json json;
struct json {
    char type; /* { [ " 0 t f n */
    const char *name; /* of a member of an object, with its quote */
    const char *text;
    size_t length;
    json *child; /* the first member or item */
    json *next;
};

/* Reads a file, which stays in memory until the program ends. Says why and exits when it cannot. */
const json *json_load(const char *path);

/* The member of this name, or NULL. */
const json *json_get(const json *object, const char *name);

size_t json_count(const json *list);
double json_number(const json *value);
uint64_t json_u64(const json *value); /* a number, or a text of digits */
int64_t json_i64(const json *value);
int json_is(const json *text, const char *expected);

#endif
