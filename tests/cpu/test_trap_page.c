/* Page faults: error code and CR2 (80386 PRM 9.8.14, 6.4). All pages of the fixture are present,
 * writable, user; each test takes something away.
 * SPDX-License-Identifier: MIT */
#include "trap_check.h"

#define FAR_PAGE 0x200000u
#define NO_TABLE 0x400000u /* the second entry of the directory is not present */

#define READ_FAR       CODE(0xA1, 0x10, 0x00, 0x20, 0x00)
#define WRITE_FAR      CODE(0xA3, 0x10, 0x00, 0x20, 0x00)
#define READ_NO_TABLE  CODE(0xA1, 0x10, 0x00, 0x40, 0x00)
#define WRITE_NO_TABLE CODE(0xA3, 0x10, 0x00, 0x40, 0x00)

#define PTE_ABSENT     0x66u
#define PTE_SUPERVISOR 0x63u
#define PTE_READ_ONLY  0x65u

#define PAGE_TEST(id, mode_, code_, error_, entry)                                                 \
    TRAP_TEST(id, 14, .mode = mode_, code_, .error = error_, .cr2 = FAR_PAGE + 0x10)               \
    {                                                                                              \
        put_page(f, FAR_PAGE, entry);                                                              \
    }
#define TABLE_TEST(id, mode_, code_, error_, entry)                                                \
    TRAP_TEST(id, 14, .mode = mode_, code_, .error = error_, .cr2 = NO_TABLE + 0x10)               \
    {                                                                                              \
        put32(f, DIRECTORY_AT + 4, TABLE_AT | (entry));                                            \
    }

TABLE_TEST(pf_not_present_directory, KERNEL_PAGED, READ_NO_TABLE, 0, 0x66)
PAGE_TEST(pf_not_present_table, KERNEL_PAGED, READ_FAR, 0, PTE_ABSENT)
TABLE_TEST(pf_sup_read_notpresent_pde, KERNEL_PAGED, READ_NO_TABLE, 0, 0)
PAGE_TEST(pf_sup_read_notpresent_pte, KERNEL_PAGED, READ_FAR, 0, 0)
TABLE_TEST(pf_sup_write_notpresent_pde, KERNEL_PAGED, WRITE_NO_TABLE, 2, 0)
PAGE_TEST(pf_sup_write_notpresent_pte, KERNEL_PAGED, WRITE_FAR, 2, 0)
TABLE_TEST(pf_user_read_notpresent_pde, USER_PAGED, READ_NO_TABLE, 4, 0)
PAGE_TEST(pf_user_read_notpresent_pte, USER_PAGED, READ_FAR, 4, 0)
TABLE_TEST(pf_user_write_notpresent_pde, USER_PAGED, WRITE_NO_TABLE, 6, 0)
PAGE_TEST(pf_user_write_notpresent_pte, USER_PAGED, WRITE_FAR, 6, 0)
PAGE_TEST(pf_user_supervisor, USER_PAGED, READ_FAR, 5, PTE_SUPERVISOR)
TABLE_TEST(pf_user_read_supervisor_pde, USER_PAGED, READ_NO_TABLE, 5, 0x63)
PAGE_TEST(pf_user_read_supervisor_pte, USER_PAGED, READ_FAR, 5, PTE_SUPERVISOR)
PAGE_TEST(pf_user_write_supervisor, USER_PAGED, WRITE_FAR, 7, PTE_SUPERVISOR)
PAGE_TEST(pf_user_write, USER_PAGED, WRITE_FAR, 7, PTE_READ_ONLY)
TABLE_TEST(pf_user_write_readonly_pde, USER_PAGED, WRITE_NO_TABLE, 7, 0x65)
PAGE_TEST(pf_user_write_readonly_pte, USER_PAGED, WRITE_FAR, 7, PTE_READ_ONLY)

static void write_protect(struct fixture *f)
{
    f->state.cr0 |= CR0_WP;
    put_page(f, FAR_PAGE, PTE_READ_ONLY);
}
TRAP_TEST(pf_supervisor_write, 14, .mode = KERNEL_PAGED, WRITE_FAR, .error = 3,
          .cr2 = FAR_PAGE + 0x10)
{
    write_protect(f);
}
TRAP_TEST(pf_sup_write_readonly_wp, 14, .mode = KERNEL_PAGED,
          CODE(0xFF, 0x05, 0x10, 0x00, 0x20, 0x00), .error = 3, .cr2 = FAR_PAGE + 0x10)
{
    write_protect(f);
}
/* ADD [mem], EAX on a read-only page faults as a write, before it reads. */
TRAP_TEST(pf_rmw_asks_write, 14, .mode = USER_PAGED, CODE(0x01, 0x05, 0x10, 0x00, 0x20, 0x00),
          .error = 7, .cr2 = FAR_PAGE + 0x10)
{
    put_page(f, FAR_PAGE, PTE_READ_ONLY);
}

/* A dword over the end of a page: CR2 names the first byte in the page that is missing. */
#define READ_ACROSS CODE(0xA1, 0xFE, 0x0F, 0x20, 0x00)
TRAP_TEST(pf_cross_first, 14, .mode = USER_PAGED, READ_ACROSS, .error = 4, .cr2 = 0x200FFE)
{
    put_page(f, FAR_PAGE, 0);
    put_page(f, FAR_PAGE + 0x1000, 0);
}
TRAP_TEST(pf_cross_second, 14, .mode = USER_PAGED, READ_ACROSS, .error = 4, .cr2 = 0x201000)
{
    put32(f, TABLE_AT + (FAR_PAGE >> 12) * 4, 0x50000 | 0x67);
    put_page(f, FAR_PAGE + 0x1000, 0);
}

/* ---- instruction fetch ---- */

TRAP_TEST(pf_fetch_notpresent, 14, .mode = KERNEL_PAGED, .error = 0, .cr2 = FAR_PAGE + 4,
          .eip = FAR_PAGE + 4, .alone = 1)
{
    put_page(f, FAR_PAGE, 0);
    f->state.eip = FAR_PAGE + 4;
}
TRAP_TEST(pf_fetch_user_notpresent, 14, .mode = USER_PAGED, .error = 4, .cr2 = FAR_PAGE + 4,
          .eip = FAR_PAGE + 4, .alone = 1)
{
    put_page(f, FAR_PAGE, 0);
    f->state.eip = FAR_PAGE + 4;
}
TRAP_TEST(pf_fetch_supervisor, 14, .mode = USER_PAGED, .error = 5, .cr2 = CODE_AT, .alone = 1)
{
    put_page(f, CODE_AT, PTE_SUPERVISOR);
}

/* Interrupts are held off behind MOV SS, faults are not. */
TRAP_TEST(pf_movss_shadow, 14, .mode = KERNEL_PAGED, READ_FAR, .error = 0, .cr2 = FAR_PAGE + 0x10,
          .alone = 1)
{
    put_page(f, FAR_PAGE, 0);
    f->state.shadow = SHADOW_MOVSS;
}
