/*
 * A licence header that is followed by a blank line.
 */

#include <stdio.h>
#include "list.h"

#define LIMIT 10
#define MAX(a, b) ((a) > (b) ? (a) : (b))

/* How many there are. */
int count = 0, *other, table[LIMIT];
static const char *names[] = { "a", "b" };
extern int elsewhere;

/* A node of the list. */
struct node {
    int value;            /* what it holds */
    struct node *next;
    int (*compare)(int, int);
    unsigned flag : 1;
};

typedef struct {
    double x, y;
} point_t;

typedef struct pair { int a; int b; } pair;
typedef struct node node_t;
typedef int (*compare_fn)(const void *, const void *);
typedef unsigned long word, *word_ptr;

enum color { RED, GREEN = 2, BLUE };
union bits { int i; float f; };
struct forward;

// Only declared.
int declared(const char *path, int flags);

static int helper(int);
static int (*callback)(int value);

/**
 * Adds to the list.
 */
int add(struct node *list, int value /* new */) {
    if (list == NULL && value > 0 || value < -1) {
        return helper(value);
    }
    for (;;) {
        switch (value) {
        case 1: break;
        case 2: do { value--; } while (value); break;
        default: return MAX(value, 1);
        }
    }
}

static int
helper(int n)
{
    int helper(int);
    int local = n ? 1 : 2;
    struct inner { int z; } in;
    (void)in;
    callback(n);
    list->compare(1, 2);
    return local + missing(n);
}

char *pointer_result(void) { return 0; }
int (*choose(int kind))(int) { return callback; }

/* In the style of before. */
int old_style(a, b)
    int a;
    char *b;
{
    return add(0, a);
}

#ifdef _WIN32
int platform(void) { return 1; }
#else
int platform(void) { return 2; }
#endif

void variadic(const char *format, ...) { }

__attribute__((noreturn)) void stop(void);
