// SPDX-License-Identifier: GPL-2.0
#include <linux/vm_event_item.h>

unsigned long vm_event_states[NR_VM_EVENT_ITEMS];
unsigned long vm_zone_stat[2];
unsigned long vm_node_stat[1];

const char * const vmstat_text[] = {
	"nr_free_pages",
	"nr_mlock",
	"nr_dirty",
	"nr_dirty_threshold",
	"nr_dirty_background_threshold",

	"pgpgin",
	"pgpgout",
	"pgalloc_normal",
	"pgalloc_movable",
	"pgfree",
#ifdef CONFIG_COMPACTION
	"compact_isolated",
	"compact_stall",
	"compact_fail",
#endif
#ifdef CONFIG_VIRTIO_BALLOON
	"balloon_inflate",
#ifdef CONFIG_BALLOON_COMPACTION
	"balloon_migrate",
#endif
#endif
};

void start_kernel(void)
{
	vm_event_states[PGFREE]++;
	for (;;)
		;
}
