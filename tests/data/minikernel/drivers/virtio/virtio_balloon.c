// SPDX-License-Identifier: GPL-2.0
#include <linux/vm_event_item.h>

extern unsigned long vm_event_states[];

int virtballoon_migratepage(int count)
{
#ifdef CONFIG_BALLOON_COMPACTION
	vm_event_states[BALLOON_MIGRATE] += count;
#endif
	return count;
}
