// CHECK: an invariant of our own logic. Always on; says where, and stops the process.
//
// Restarting is always safe (every pass starts from what is there), so stopping is safe too.
// Never use it for input or for the outside world: those are Errors.
#pragma once

#include <cstdio>
#include <cstdlib>

#define CHECK(condition, sentence)                                                               \
    do {                                                                                         \
        if (!(condition)) {                                                                      \
            std::fprintf(stderr, "%s:%d: broken invariant: %s\n", __FILE__, __LINE__, sentence); \
            std::abort();                                                                        \
        }                                                                                        \
    } while (false)
