/* Asks CoreFoundation, which it loads from the library named first, what it makes of the property lists named after it: a line
 * of JSON for each, the value, or null where it refuses the file. It judges nothing itself, and knows nothing of profiles.
 *
 * A value is true or false, a string, or an object with one key: "integer", "real" and "date" (a string, as C prints it),
 * "data" (hexadecimal), "array", "dict" (a list of pairs in the order of their keys), or "other" for what is none of these. */

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef const void *Ref;
typedef long Index;

/* The functions of CoreFoundation that are used, by the types of its headers. */
#define FUNCTIONS(F)                                                                                                   \
    F(Ref, CFDataCreate, (Ref, const uint8_t *, Index))                                                                \
    F(Ref, CFPropertyListCreateWithData, (Ref, Ref, unsigned long, Index *, Ref *))                                    \
    F(unsigned long, CFGetTypeID, (Ref))                                                                               \
    F(unsigned long, CFArrayGetTypeID, (void))                                                                         \
    F(unsigned long, CFBooleanGetTypeID, (void))                                                                       \
    F(unsigned long, CFDataGetTypeID, (void))                                                                          \
    F(unsigned long, CFDateGetTypeID, (void))                                                                          \
    F(unsigned long, CFDictionaryGetTypeID, (void))                                                                    \
    F(unsigned long, CFNumberGetTypeID, (void))                                                                        \
    F(unsigned long, CFStringGetTypeID, (void))                                                                        \
    F(Index, CFArrayGetCount, (Ref))                                                                                   \
    F(Ref, CFArrayGetValueAtIndex, (Ref, Index))                                                                       \
    F(unsigned char, CFBooleanGetValue, (Ref))                                                                         \
    F(Index, CFDataGetLength, (Ref))                                                                                   \
    F(const uint8_t *, CFDataGetBytePtr, (Ref))                                                                        \
    F(double, CFDateGetAbsoluteTime, (Ref))                                                                            \
    F(Index, CFDictionaryGetCount, (Ref))                                                                              \
    F(void, CFDictionaryGetKeysAndValues, (Ref, Ref *, Ref *))                                                         \
    F(unsigned char, CFNumberIsFloatType, (Ref))                                                                       \
    F(unsigned char, CFNumberGetValue, (Ref, Index, void *))                                                           \
    F(Index, CFStringGetLength, (Ref))                                                                                 \
    F(void, CFStringGetCharacters, (Ref, struct Range, uint16_t *))                                                    \
    F(Index, CFStringCompare, (Ref, Ref, unsigned long))                                                               \
    F(Ref, CFStringCreateWithCString, (Ref, const char *, uint32_t))                                                    \
    F(Ref, CFStringCreateWithFormat, (Ref, Ref, Ref, ...))

struct Range {
    Index location, length;
};

#define DECLARE(type, name, arguments) static type(*name) arguments;
FUNCTIONS(DECLARE)

static void load(const char *library) {
    void *handle = dlopen(library, RTLD_NOW);
    if (!handle) {
        fprintf(stderr, "%s\n", dlerror());
        exit(2);
    }
#define LOAD(type, name, arguments)                                                                                    \
    if (!(*(void **)&name = dlsym(handle, #name))) {                                                                   \
        fprintf(stderr, "%s has no %s\n", library, #name);                                                             \
        exit(2);                                                                                                       \
    }
    FUNCTIONS(LOAD)
}

static void *allocated(size_t octets) {
    void *memory = malloc(octets ? octets : 1);
    if (!memory) abort();
    return memory;
}

/* JSON of the string's UTF-16 units: what is not printable ASCII is escaped, lone surrogates too. */
static void string(Ref text) {
    Index length = CFStringGetLength(text);
    uint16_t *units = allocated((size_t)length * 2);
    CFStringGetCharacters(text, (struct Range){0, length}, units);
    putchar('"');
    for (Index at = 0; at < length; at++) {
        if (units[at] < 0x20 || units[at] > 0x7e || units[at] == '"' || units[at] == '\\')
            printf("\\u%04x", units[at]);
        else
            putchar(units[at]);
    }
    putchar('"');
    free(units);
}

static void number(Ref value) {
    enum { FLOAT64 = 6, ASCII = 0x600 };
    if (CFNumberIsFloatType(value)) {
        double real;
        CFNumberGetValue(value, FLOAT64, &real);
        printf("{\"real\":\"%.17g\"}", real);
    } else {
        /* In words of its own: 64 bits without a sign have no public type. */
        Ref format = CFStringCreateWithCString(NULL, "%@", ASCII);
        printf("{\"integer\":");
        string(CFStringCreateWithFormat(NULL, NULL, format, value));
        putchar('}');
    }
}

static Ref *keys;
static int by_key(const void *one, const void *other) {
    return (int)CFStringCompare(keys[*(const Index *)one], keys[*(const Index *)other], 0);
}

static void print(Ref value);

static void dictionary(Ref value) {
    Index count = CFDictionaryGetCount(value);
    Ref *of_this = allocated((size_t)count * sizeof(Ref)), *values = allocated((size_t)count * sizeof(Ref));
    Index *order = allocated((size_t)count * sizeof(Index));
    CFDictionaryGetKeysAndValues(value, of_this, values);
    for (Index at = 0; at < count; at++) order[at] = at;
    keys = of_this;
    qsort(order, (size_t)count, sizeof(Index), by_key);
    printf("{\"dict\":[");
    for (Index at = 0; at < count; at++) {
        printf(at ? ",[" : "[");
        string(of_this[order[at]]);
        putchar(',');
        print(values[order[at]]);
        putchar(']');
    }
    printf("]}");
    free(of_this), free(values), free(order);
}

static void print(Ref value) {
    unsigned long type = CFGetTypeID(value);
    if (type == CFStringGetTypeID()) {
        string(value);
    } else if (type == CFNumberGetTypeID()) {
        number(value);
    } else if (type == CFBooleanGetTypeID()) {
        printf(CFBooleanGetValue(value) ? "true" : "false");
    } else if (type == CFDateGetTypeID()) {
        printf("{\"date\":\"%.17g\"}", CFDateGetAbsoluteTime(value));
    } else if (type == CFDataGetTypeID()) {
        printf("{\"data\":\"");
        for (Index at = 0; at < CFDataGetLength(value); at++) printf("%02x", CFDataGetBytePtr(value)[at]);
        printf("\"}");
    } else if (type == CFArrayGetTypeID()) {
        printf("{\"array\":[");
        for (Index at = 0; at < CFArrayGetCount(value); at++) {
            if (at) putchar(',');
            print(CFArrayGetValueAtIndex(value, at));
        }
        printf("]}");
    } else if (type == CFDictionaryGetTypeID()) {
        dictionary(value);
    } else {
        printf("{\"other\":\"uid\"}");
    }
}

int main(int count, char **arguments) {
    if (count < 2) return 2;
    load(arguments[1]);
    for (int at = 2; at < count; at++) {
        FILE *file = fopen(arguments[at], "rb");
        if (!file) {
            perror(arguments[at]);
            return 2;
        }
        fseek(file, 0, SEEK_END);
        Index length = ftell(file);
        rewind(file);
        uint8_t *octets = allocated((size_t)length);
        if (fread(octets, 1, (size_t)length, file) != (size_t)length) return 2;
        fclose(file);
        Ref value = CFPropertyListCreateWithData(NULL, CFDataCreate(NULL, octets, length), 0, NULL, NULL);
        free(octets);
        if (value)
            print(value);
        else
            printf("null");
        putchar('\n');
        fflush(stdout);
    }
    return 0;
}
