/* The table of nodes. SPDX-License-Identifier: MIT */
#include "files/node.h"

#include "common/text.h"
#include "heart/clock.h"
#include "support/log.h"

static struct node node_table[NODE_LIMIT];
struct node *root;

struct node *node_allocate(const struct node_operations *operations, uint32_t mode)
{
    for (uint32_t i = 0; i < NODE_LIMIT; i++) {
        struct node *node = &node_table[i];

        if (node->operations == NULL) {
            memset(node, 0, sizeof(*node));
            node->operations = operations;
            node->mode = mode;
            node->number = i + 1;
            node->users = 1;
            node->links = 1;
            node->modified = seconds_now();
            return node;
        }
    }
    return NULL;
}

struct node *node_get(struct node *node)
{
    node->users++;
    return node;
}

void node_put(struct node *node)
{
    if (node == NULL) {
        return;
    }
    if (node->users == 0) {
        panic("node %u released twice", node->number);
    }
    node->users--;
    if (node->users == 0) {
        node->operations->release(node);
    }
}

uint32_t seconds_now(void)
{
    return (uint32_t)(realtime_microseconds() / 1000000);
}
