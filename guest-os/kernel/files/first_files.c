/* The files there are before any disk is mounted: a root in memory with the ramdisk's, the devices
 * in /dev, and /proc. SPDX-License-Identifier: MIT */
#include "common/text.h"
#include "drivers/block.h"
#include "drivers/pty.h"
#include "files/file.h"
#include "files/node.h"
#include "support/log.h"
#include "support/ramdisk.h"

static const struct {
    const char *path;
    uint32_t mode, device;
} devices[] = {
    {"/dev/null", S_IFCHR | 0666, DEVICE_NULL},
    {"/dev/zero", S_IFCHR | 0666, DEVICE_ZERO},
    {"/dev/full", S_IFCHR | 0666, DEVICE_FULL},
    {"/dev/random", S_IFCHR | 0666, DEVICE_RANDOM},
    {"/dev/urandom", S_IFCHR | 0666, DEVICE_URANDOM},
    {"/dev/tty", S_IFCHR | 0666, DEVICE_TTY},
    {"/dev/console", S_IFCHR | 0600, DEVICE_CONSOLE},
    {"/dev/tty1", S_IFCHR | 0620, DEVICE_TTY1},
    {"/dev/ttyS0", S_IFCHR | 0660, DEVICE_TTYS0},
    {"/dev/ttyS1", S_IFCHR | 0660, DEVICE_TTYS1},
    {"/dev/ptmx", S_IFCHR | 0666, DEVICE_PTMX},
    {"/dev/hda", S_IFBLK | 0660, DEVICE_HDA},
    {"/dev/hdb", S_IFBLK | 0660, DEVICE_HDB},
    {"/dev/hdc", S_IFBLK | 0660, DEVICE_HDC},
    {"/dev/hdd", S_IFBLK | 0660, DEVICE_HDD},
};

/* What `path` leads to, made if only the last part is missing; with a user. */
static struct node *make(const char *path, uint32_t mode, uint32_t device)
{
    struct path_end end;
    struct node *made = NULL;

    if (path_walk(root, path, WALK_FOLLOW, &end) == 0) {
        made = node_get(end.node);
    } else if (end.directory != NULL) {
        node_create(end.directory, end.name, mode, device, &made);
    }
    path_release(&end);
    if (made == NULL) {
        print("kernel: no room for %s\n", path);
    }
    return made;
}

struct node *file_make(const char *path, uint32_t mode, uint32_t device)
{
    uint32_t page = frame_allocate();
    char *part = physical_to_pointer(page);

    if (page == 0 || strlen(path) >= PATH_LIMIT) {
        return NULL;
    }
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        memcpy(part, path, (size_t)(slash - path));
        part[slash - path] = '\0';
        if (part[0] != '\0') {
            node_put(make(part, S_IFDIR | 0755, 0));
        }
    }
    frame_release(page);
    return make(path, mode, device);
}

static void add_from_ramdisk(const char *path, const struct ramdisk_file *file, uint32_t mode)
{
    struct node *node = file_make(path, mode, 0);

    if (node != NULL && S_ISREG(mode)) {
        ram_files_use(node, file->data, file->bytes);
    }
    node_put(node);
}

static void mount_at(const char *path, const char *kind)
{
    struct node *directory = file_make(path, S_IFDIR | 0755, 0);

    if (directory == NULL || file_system_mount(kind, NULL, kind, false, directory) != 0) {
        print("kernel: no %s at %s\n", kind, path);
    }
    node_put(directory);
}

void files_initialise(void)
{
    static const char *const directories[] = {"/bin", "/etc", "/host", "/root"};

    if (file_system_mount("ramdisk", NULL, "tmpfs", false, NULL) != 0) {
        panic("no memory for the root directory");
    }
    ramdisk_for_each(add_from_ramdisk);
    for (uint32_t i = 0; i < sizeof(directories) / sizeof(directories[0]); i++) {
        node_put(file_make(directories[i], S_IFDIR | 0755, 0));
    }
    node_put(file_make("/tmp", S_IFDIR | S_ISVTX | 0777, 0));
    mount_at("/dev", "tmpfs");
    pty_start(file_make("/dev/pts", S_IFDIR | 0755, 0));
    mount_at("/proc", "proc");
    for (uint32_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        node_put(file_make(devices[i].path, devices[i].mode, devices[i].device));
    }
}
