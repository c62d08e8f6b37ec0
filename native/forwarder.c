// A shared library that owns no function of its own: every exported function jumps through a slot, and
// whoever loads the library fills the slots, with the functions of another library or with its own.
// Arguments, stack and result pass through untouched, so that no signature has to be known.
//
// Compiled with
//   functions.inc  the generated list, one line FUNCTION(name) per exported function
//   EMPTY_STATUS   what a function returns while its slot is empty
//
// It calls nothing of the C library, so it runs wherever Java does.
#include <stddef.h>

#ifndef __x86_64__
#error "the jumps are written for x86-64"
#endif

static int empty(void) { return EMPTY_STATUS; }

#define FUNCTION(name) \
  __attribute__((visibility("hidden"))) void *slot_##name = (void *)empty; \
  __asm__(".text\n.p2align 4\n.globl " #name "\n.type " #name ",@function\n" #name \
          ":\n  endbr64\n  jmp *slot_" #name "(%rip)\n.size " #name ", .-" #name "\n");
#include "functions.inc"
#undef FUNCTION

struct slot {
  const char *name;
  void **target;
};

#define FUNCTION(name) {#name, &slot_##name},
static const struct slot slots[] = {
#include "functions.inc"
};
#undef FUNCTION

enum { SLOTS = sizeof slots / sizeof *slots };

// Number of exported functions.
int forwarder_count(void) { return SLOTS; }

// Name of function i in alphabetic order, 0 <= i < forwarder_count().
const char *forwarder_name(int i) { return slots[i].name; }

// Sends function i to an address, NULL to empty its slot again. To be done before the first use: calls
// that are under way may still take the old target.
void forwarder_set(int i, void *target) {
  *slots[i].target = target == NULL ? (void *)empty : target;
}
