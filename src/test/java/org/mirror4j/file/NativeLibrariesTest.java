package org.mirror4j.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibrariesTest {
  @TempDir Path folder;

  private String home;
  private String temporary;

  @BeforeEach
  void setPlaces() throws IOException {
    folder = folder.toRealPath();
    permit(folder, "rwx------");
    home = System.setProperty("user.home", folder.resolve("home").toString());
    temporary =
        System.setProperty(
            "java.io.tmpdir", Files.createDirectory(folder.resolve("tmp")).toString());
  }

  @AfterEach
  void resetPlaces() {
    System.setProperty("user.home", home);
    System.setProperty("java.io.tmpdir", temporary);
  }

  @Test
  void lieInTheUsersCache() throws IOException {
    Path found = NativeLibraries.find(null);
    assertThat(found).isEqualTo(folder.resolve("home/.cache/mirror4j/native"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(found)))
        .isEqualTo("rwx------");
    assertThat(NativeLibraries.find("")).isEqualTo(found);
    assertThat(NativeLibraries.find(folder.resolve("caches").toString()))
        .isEqualTo(folder.resolve("caches/mirror4j/native"));
  }

  @Test
  void lieInAFreshDirectoryWhereTheHomeIsOpenToOthersOrNone() throws IOException {
    Path cache = Files.createDirectories(folder.resolve("home/.cache"));
    permit(cache, "rwxrwxrwx");
    assertThat(NativeLibraries.find(null)).hasParent(folder.resolve("tmp"));
    System.setProperty("user.home", "?");
    assertThat(NativeLibraries.find(null)).hasParent(folder.resolve("tmp"));
    Files.writeString(folder.resolve("file"), "");
    System.setProperty("user.home", folder.resolve("file").toString());
    Path fresh = NativeLibraries.find(null);
    assertThat(fresh).hasParent(folder.resolve("tmp"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(fresh)))
        .isEqualTo("rwx------");
  }

  @Test
  void areRefusedWhereOthersCanWriteWhatTheUserNames() throws IOException {
    Path shared = Files.createDirectory(folder.resolve("shared"));
    permit(shared, "rwxrwxrwx");
    assertThatThrownBy(() -> NativeLibraries.find(shared.toString()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "no native library is unpacked in %s/mirror4j/native or loaded from there: %s can be written by others: set XDG_CACHE_HOME to a directory that only you can write"
                .formatted(shared, shared));
    System.setProperty("user.home", "?");
    System.setProperty("java.io.tmpdir", shared.toString());
    assertThatThrownBy(() -> NativeLibraries.find(null))
        .hasMessageStartingWith("no native library is unpacked in " + shared + " or loaded ");
    System.setProperty("java.io.tmpdir", "/no/such/folder");
    assertThatThrownBy(() -> NativeLibraries.find(null))
        .hasMessageStartingWith(
            "no native library is unpacked in /no/such/folder or loaded from there: no such"
                + " file or directory: ");
  }

  private static void permit(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }
}
