// SPDX-License-Identifier: GPL-2.0
#include <linux/vm_event_item.h>

extern unsigned long vm_event_states[];

int compact_zone(int order)
{
	vm_event_states[COMPACTISOLATED] += order;
	return order;
}
