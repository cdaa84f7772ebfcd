/* truth.h: three-valued (Kleene) logic. The numbers are chosen so that and = min, or = max, not
 * = 2 - x. */
#ifndef AS_BASE_TRUTH_H
#define AS_BASE_TRUTH_H

typedef enum as_truth { AS_FALSE = 0, AS_UNDECIDED = 1, AS_TRUE = 2 } as_truth;

#endif
