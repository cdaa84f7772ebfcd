/* similar_forest.c: see similar.h. Groups as a forest: each slot points towards the lowest slot
 * of its group, its root, which keeps the nearest pair. Of pairs that are equally near the
 * first that was met stays. */
#include "check/similar.h"

void similar_forest_init(similar_node *nodes, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        nodes[i] = (similar_node){i, false, {UINT32_MAX, UINT32_MAX, UINT32_MAX}};
}

uint32_t similar_root(similar_node *nodes, uint32_t i)
{
    while (nodes[i].parent != i)
        i = nodes[i].parent = nodes[nodes[i].parent].parent;
    return i;
}

uint32_t similar_known(similar_node *nodes, uint32_t a, uint32_t b)
{
    uint32_t root = similar_root(nodes, a);
    return root == similar_root(nodes, b) ? nodes[root].nearest.rank : UINT32_MAX;
}

bool similar_join(similar_node *nodes, uint32_t base, similar_pair x)
{
    uint32_t a = similar_root(nodes, x.a - base), b = similar_root(nodes, x.b - base);
    uint32_t low = a < b ? a : b, high = a < b ? b : a;
    similar_node *root = &nodes[low];
    if (nodes[high].nearest.rank < root->nearest.rank) {
        root->nearest = nodes[high].nearest;
        root->untold = nodes[high].untold;
    }
    nodes[high].parent = low;
    if (x.rank < root->nearest.rank) {
        root->nearest = x;
        root->untold = a == b;
    }
    return a != b;
}
