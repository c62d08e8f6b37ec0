package org.mirror4j.device.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.mirror4j.file.FileException;

/**
 * What the control groups of Linux leave a process of memory, in both versions of them. Each group
 * may have a limit of its own, and a process is held by its group and by all that this one lies in.
 */
final class ControlGroups {
  private ControlGroups() {}

  /**
   * Bytes that can be taken before the first group is full. Pages of files that nobody has used of
   * late are counted as left: the system drops them before it refuses anything.
   *
   * @param processes the folder where processes are described, {@code /proc}
   * @param mount where groups are mounted, {@code /sys/fs/cgroup}
   * @return {@link Long#MAX_VALUE} where there is no limit
   */
  static long freeBytes(Path processes, Path mount) {
    Path own = processes.resolve("self/cgroup");
    if (!Files.isReadable(own)) {
      return Long.MAX_VALUE;
    }
    long free = Long.MAX_VALUE;
    for (String line : read(own).lines().toList()) {
      String[] fields = line.split(":", 3);
      if (fields.length == 3 && fields[1].isEmpty()) {
        free = Math.min(free, Version.SECOND.freeBytes(mount, fields[2]));
      } else if (fields.length == 3 && Stream.of(fields[1].split(",")).anyMatch("memory"::equals)) {
        free = Math.min(free, Version.FIRST.freeBytes(mount.resolve("memory"), fields[2]));
      }
    }
    return free;
  }

  /** The files of a group, and what the unused pages of files are called in the last of them. */
  private enum Version {
    FIRST("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file "),
    SECOND("memory.max", "memory.current", "inactive_file ");

    private final String limit;
    private final String usage;
    private final String unused;

    Version(String limit, String usage, String unused) {
      this.limit = limit;
      this.usage = usage;
      this.unused = unused;
    }

    /**
     * @param path of a group, from the root of all on. In a container the mount often begins at the
     *     container's own group: then there are no folders for what is above it.
     */
    long freeBytes(Path root, String path) {
      Path group = root.resolve("./" + path).normalize();
      long free = Long.MAX_VALUE;
      while (group.startsWith(root) && !group.equals(root)) {
        free = Math.min(free, freeBytes(group));
        group = group.getParent();
      }
      return Math.min(free, freeBytes(root));
    }

    private long freeBytes(Path group) {
      Path most = group.resolve(limit);
      Path used = group.resolve(usage);
      if (!Files.isReadable(most) || !Files.isReadable(used)) {
        return Long.MAX_VALUE;
      }
      String bytes = read(most).strip();
      if (bytes.equals("max")) {
        return Long.MAX_VALUE;
      }
      long kept = Long.parseLong(read(used).strip()) - unusedBytes(group.resolve("memory.stat"));
      return Math.max(0, Long.parseLong(bytes) - Math.max(0, kept));
    }

    private long unusedBytes(Path statistics) {
      if (!Files.isReadable(statistics)) {
        return 0;
      }
      return read(statistics)
          .lines()
          .filter(line -> line.startsWith(unused))
          .mapToLong(line -> Long.parseLong(line.substring(unused.length()).strip()))
          .sum();
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException problem) {
      throw FileException.of(file, problem);
    }
  }
}
