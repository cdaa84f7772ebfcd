/* bound.h: private to eval/. A condition bound to tables, as a tree of small programs.
 *
 * Invariants
 * 1. `kids` mirrors the condition as written, for blame. `steps` is what evaluation runs: parts
 * that read the same dictionary column are one look-up table, ranges of one column are one
 * range, constants are folded.
 * 2. Every leaf is evaluated by the same loop for a block (n rows) and for a pair (n = 1): a
 * leaf takes the first row of each side.
 * 3. if_null is what the leaf says where its own field is null: AS_UNDECIDED, or AS_FALSE
 * beside `present: true`. */
#ifndef AS_EVAL_BOUND_H
#define AS_EVAL_BOUND_H

#include "eval/eval.h"

typedef enum leaf_kind {
    EV_CONST,    /* value */
    EV_ALL,      /* steps */
    EV_ANY,      /* steps */
    EV_NOT,      /* steps[0] */
    EV_PRESENCE, /* if_null or if_present */
    EV_LUT,      /* DICT: lut[code] */
    EV_RANGE,    /* DATE, INT, NUM: lo <= x <= hi */
    EV_SET,      /* DATE, INT, NUM, PACK8: x is one of */
    EV_TEXT,     /* a test of text, row by row */
    EV_CMP,      /* column against column + offset */
    EV_SAME,     /* numbers and dates of two columns */
    EV_SAME_DICT,
    EV_SAME_PACK,
    EV_SAME_TEXT /* any layouts of text: by hash, then by text */
} leaf_kind;

/* A column of one side; `c` may have any layout but ABSENT. */
typedef struct operand {
    const as_table *t;
    const as_column *c;
    as_side side;
} operand;

/* A test of a text, prepared once. */
typedef struct text_test {
    const as_cond *cond;
    const uint64_t *hashes; /* IN: of the literals, ascending */
    const as_str *texts;    /* in the same order */
    size_t count;
} text_test;

typedef struct bnode bnode;
struct bnode {
    leaf_kind kind;
    const as_cond *cond;
    bnode **kids;
    size_t kid_count;
    bnode **steps;
    size_t step_count;
    operand a, b;
    uint8_t value;               /* CONST */
    uint8_t if_null, if_present; /* if_present: PRESENCE */
    bool flip;                   /* SAME…: written as differs_from */
    const uint8_t *lut;
    int64_t lo, hi;      /* RANGE of DATE, INT */
    double flo, fhi;     /* RANGE of NUM */
    const int64_t *ints; /* SET of DATE, INT; of PACK8 as bits */
    const double *nums;  /* SET of NUM */
    size_t set_count;
    int64_t offset;                /* CMP of DATE and DATE, INT and INT with a whole offset */
    double foffset;                /* any other CMP */
    as_cmp cmp;                    /* CMP */
    bool native;                   /* CMP: `offset` counts */
    const uint32_t *map_a, *map_b; /* SAME_DICT: code -> number of the value; 0 = null */
    text_test test;
    uint32_t memo; /* TEXT on PACK8: its number among all, for the scratch's memo */
};

struct as_bound {
    bnode *root;
    uint32_t levels; /* buffers that a block needs */
    bool both_sides;
};

/* What is at hand while a condition is bound. */
typedef struct bind_maker {
    const as_table *tables[2]; /* by side */
    as_arena *arena;
    as_scratch *scratch; /* for look-up tables */
    bool reads[2];       /* which sides the condition reads */
} bind_maker;

/* leaf.c: make `b` the program for a condition that is no all, any or not. */
as_code as_bnode_leaf(bnode *b, const as_cond *c, bind_maker *m, as_err *e);
void as_bnode_const(bnode *b, uint8_t value);

#define EV_MEMO 2048 /* a power of two */

typedef struct memo_entry {
    uint64_t pack; /* 0 = unused */
    uint32_t memo;
    uint8_t value;
} memo_entry;

struct as_scratch {
    uint8_t *levels; /* AS_BLOCK bytes each */
    uint32_t level_count;
    as_buf text, fold;
    memo_entry *memo;
    const uint32_t *rows[2]; /* as_bound_pairs: the rows of each side; else NULL */
    as_slice *picked;        /* for it: 2 * AS_BLOCK of the largest thing a column holds */
    /* From here on nothing is cleared: blocks that are written before they are read. */
    uint64_t hash_a[AS_BLOCK], hash_b[AS_BLOCK];
    uint32_t code_a[AS_BLOCK], code_b[AS_BLOCK];
    double num_a[AS_BLOCK], num_b[AS_BLOCK];
};

/* text.c */
as_code as_text_test_make(text_test *out, const as_cond *c, as_arena *a, as_err *e);
/* AS_TRUE or AS_FALSE for a text that is not null; AS_EBUDGET. */
as_code as_text_test_run(const text_test *t, as_str text, uint8_t *out, as_scratch *s,
                         as_err *e);
/* The test once for each distinct value of a DICT column. */
as_code as_text_test_lut(const text_test *t, const as_column *c, uint8_t if_null, uint8_t *lut,
                         as_scratch *s, as_err *e);
as_code as_same_dict_maps(const as_dict *a, const as_dict *b, const uint32_t **map_a,
                          const uint32_t **map_b, as_arena *arena, as_err *e);

/* In the type that x and y have: a loop over days is one of 32-bit vectors. */
#define EV_COMPARE(cmp, x, y)                                                                  \
    ((cmp) == AS_CMP_GE   ? (x) >= (y)                                                         \
     : (cmp) == AS_CMP_LE ? (x) <= (y)                                                         \
     : (cmp) == AS_CMP_GT ? (x) > (y)                                                          \
                          : (x) < (y))

/* loops.c: out[i] for row first + i of the leaf's column; for `compare` of each side's. */
/* to[i] = map[from[i]]; map has `entries` (up to 256), and from[i] is less. */
void as_bytes_map(const uint8_t *map, uint32_t entries, const uint8_t *from, uint32_t n,
                  uint8_t *to);
void as_leaf_lut(const bnode *b, uint32_t first, uint32_t n, uint8_t *out);
void as_leaf_presence(const bnode *b, uint32_t first, uint32_t n, uint8_t *out);
void as_leaf_range(const bnode *b, uint32_t first, uint32_t n, uint8_t *out);
void as_leaf_set(const bnode *b, uint32_t first, uint32_t n, uint8_t *out);
void as_leaf_compare(const bnode *b, const uint32_t begin[2], uint32_t n, uint8_t *out);
/* out = out and more, or with `all` false out or more. False when every row is settled: false
 * for `all`, true for `any`. */
bool as_truth_join(bool all, uint8_t *out, const uint8_t *more, uint32_t n);
void as_truth_not(uint8_t *out, uint32_t n);

/* block.c. begin[side] is the first row of each side; n <= AS_BLOCK. `level` is the first free
 * buffer. */
as_code as_bnode_run(const bnode *b, const uint32_t begin[2], uint32_t n, uint8_t *out,
                     uint32_t level, as_scratch *s, as_err *e);
bool as_scratch_levels(as_scratch *s, uint32_t levels);

#endif
