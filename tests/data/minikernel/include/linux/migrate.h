/* SPDX-License-Identifier: GPL-2.0 */
/* How pages of drivers move in this tree: what its era is told by. */
struct movable_operations {
	int (*migrate_page)(void);
};
