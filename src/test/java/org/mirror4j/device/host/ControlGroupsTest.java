package org.mirror4j.device.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What control groups of both versions leave of memory, from files like the system's. */
class ControlGroupsTest {
  private static final String NO_LIMIT = "9223372036854771712";

  @TempDir private Path folder;

  private long free(String ownGroups) throws IOException {
    write(folder.resolve("proc/self/cgroup"), ownGroups);
    return ControlGroups.freeBytes(folder.resolve("proc"), folder.resolve("groups"));
  }

  private static void write(Path file, String text) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, text + "\n");
  }

  /** A group of version 2, of whose memory a part are pages of files. */
  private void second(String group, String limit, int used, int unused) throws IOException {
    Path path = folder.resolve("groups").resolve(group);
    write(path.resolve("memory.max"), limit);
    write(path.resolve("memory.current"), Integer.toString(used));
    write(
        path.resolve("memory.stat"),
        "file 999\nactive_file 888\ninactive_file " + unused + "\nx 7");
  }

  /** The same of version 1. */
  private void first(String group, String limit, int used, int unused) throws IOException {
    Path path = folder.resolve("groups/memory").resolve(group);
    write(path.resolve("memory.limit_in_bytes"), limit);
    write(path.resolve("memory.usage_in_bytes"), Integer.toString(used));
    write(path.resolve("memory.stat"), "inactive_file 5\ntotal_inactive_file " + unused);
  }

  @Test
  void pagesOfFilesAreLeft() throws IOException {
    second("", "1000", 900, 600);
    assertThat(free("0::/")).isEqualTo(700);
    first("", "1000", 950, 300);
    assertThat(free("3:cpu,memory:/\n2:memoryless:/\n1:name=systemd:/")).isEqualTo(350);
    assertThat(free("3:memory:/\n0::/")).isEqualTo(350);
  }

  @Test
  void theFullestOfAGroupAndItsParentsCounts() throws IOException {
    second("user/session", "5000", 100, 0);
    second("user", "800", 300, 50);
    second("other", "10", 10, 0);
    assertThat(free("0::/user/session")).isEqualTo(550);
    second("user/session", "400", 100, 0);
    assertThat(free("0::/user/session")).isEqualTo(300);
    second("user/session", "max", 100, 0);
    second("user", "max", 300, 0);
    assertThat(free("0::/user/session")).isEqualTo(Long.MAX_VALUE);
    first("a/b", NO_LIMIT, 100, 0);
    first("a", "1000", 1100, 0);
    assertThat(free("4:memory:/a/b\n0::/user/session")).isZero();
  }

  /** As in a container that sees its own group as the root, or one that it was moved out of. */
  @Test
  void aPathThatIsNotThereLeavesTheRoot() throws IOException {
    second("", "1000", 400, 100);
    assertThat(free("0::/docker/0123")).isEqualTo(700);
    assertThat(free("0::/../../elsewhere")).isEqualTo(700);
  }

  @Test
  void withoutGroupsThereIsNoLimit() throws IOException {
    assertThat(ControlGroups.freeBytes(folder, folder)).isEqualTo(Long.MAX_VALUE);
    assertThat(free("4:memory:/a\n0::/b")).isEqualTo(Long.MAX_VALUE);
    assertThat(HostSystem.availableBytes()).isPositive();
  }
}
