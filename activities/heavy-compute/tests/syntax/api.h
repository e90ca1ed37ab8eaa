#ifndef API_H
#define API_H

#ifdef __cplusplus
extern "C" {
#endif

/* Opens it. */
int api_open(const char *path);
void api_close(int handle);

typedef struct api_state api_state;

static inline int api_twice(int n) { return n * 2; }

#ifdef __cplusplus
}
#endif

#endif
