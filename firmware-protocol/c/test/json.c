#include "json.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *at;
static const char *file;

static void fail(const char *why)
{
    fprintf(stderr, "%s: %s near \"%.20s\"\n", file, why, at);
    exit(2);
}

static char peek(void)
{
    while (isspace((unsigned char)*at))
        at++;
    return *at;
}

static void skip_text(void)
{
    for (at++; *at != '"'; at++) {
        if (*at == '\0')
            fail("a text does not end");
        if (*at == '\\')
            at++;
    }
    at++;
}

static json *parse_value(void);

static json *parse_list(char end)
{
    json *first = NULL, **last = &first;
    at++;
    while (peek() != end) {
        const char *name = NULL;
        if (end == '}') {
            if (peek() != '"')
                fail("a member has no name");
            name = at;
            skip_text();
            if (peek() != ':')
                fail("a member has no value");
            at++;
        }
        *last = parse_value();
        (*last)->name = name;
        last = &(*last)->next;
        if (peek() == ',')
            at++;
        else if (peek() != end)
            fail("a list does not go on");
    }
    at++;
    return first;
}

static json *parse_value(void)
{
    json *value = calloc(1, sizeof *value);
    if (value == NULL)
        fail("no memory");
    value->type = peek();
    value->text = at;
    if (value->type == '{' || value->type == '[')
        value->child = parse_list(value->type == '{' ? '}' : ']');
    else if (value->type == '"')
        skip_text();
    else
        while (isalnum((unsigned char)*at) || *at == '-' || *at == '+' || *at == '.')
            at++;
    value->length = (size_t)(at - value->text);
    if (value->length == 0)
        fail("a value is missing");
    return value;
}

const json *json_load(const char *path)
{
    FILE *stream = fopen(path, "rb");
    char *text;
    long size = -1;
    file = path;
    at = "";
    if (stream == NULL || fseek(stream, 0, SEEK_END) != 0 || (size = ftell(stream)) < 0)
        fail("cannot be opened");
    rewind(stream);
    text = malloc((size_t)size + 1);
    if (text == NULL || fread(text, 1, (size_t)size, stream) != (size_t)size)
        fail("cannot be read");
    fclose(stream);
    text[size] = '\0';
    at = text;
    return parse_value();
}

const json *json_get(const json *object, const char *name)
{
    const json *member;
    size_t length = strlen(name);
    for (member = object == NULL ? NULL : object->child; member != NULL; member = member->next)
        if (member->name != NULL && strncmp(member->name + 1, name, length) == 0 && member->name[1 + length] == '"')
            return member;
    return NULL;
}

size_t json_count(const json *list)
{
    size_t count = 0;
    const json *item;
    for (item = list == NULL ? NULL : list->child; item != NULL; item = item->next)
        count++;
    return count;
}

double json_number(const json *value)
{
    return value == NULL ? 0 : strtod(value->text, NULL);
}

uint64_t json_u64(const json *value)
{
    return value == NULL ? 0 : strtoull(value->type == '"' ? value->text + 1 : value->text, NULL, 10);
}

int64_t json_i64(const json *value)
{
    return value == NULL ? 0 : strtoll(value->text, NULL, 10);
}

int json_is(const json *text, const char *expected)
{
    return text != NULL && text->type == '"' && text->length == strlen(expected) + 2 && strncmp(text->text + 1, expected, text->length - 2) == 0;
}
