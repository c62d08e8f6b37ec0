package org.mirror4j.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateDirectoryTest {
  @TempDir Path parent;

  @BeforeEach
  void closeTheParent() throws IOException {
    permit(parent, "rwx------");
  }

  @Test
  void isClosedToOthersAndGoes() throws IOException {
    Path path;
    try (PrivateDirectory directory = PrivateDirectory.create(parent)) {
      path = directory.path();
      Files.writeString(Files.createDirectory(path.resolve("below")).resolve("file"), "content");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .isEqualTo("rwx------");
      assertThat(path).hasParent(parent);
    }
    assertThat(path).doesNotExist();
  }

  @Test
  void cannotBeMadeWhereOthersCouldPutAnotherInItsPlace() throws IOException {
    permit(parent, "rwxrwxrwx");
    assertThatThrownBy(() -> PrivateDirectory.create(parent))
        .isInstanceOf(IOException.class)
        .hasMessage(parent.toRealPath() + " can be written by others");
    assertThat(parent).isEmptyDirectory();
    // In a directory like /tmp others can add files, but not rename those of this user.
    Files.setAttribute(parent, "unix:mode", 01777);
    try (PrivateDirectory directory = PrivateDirectory.create(parent)) {
      assertThat(directory.path()).exists();
    }
    assertThatThrownBy(() -> PrivateDirectory.create(parent.resolve("absent")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void whatOthersCanWriteIsFound() throws IOException {
    Path directory = parent.toRealPath().resolve("cache").resolve("mirror4j");
    PrivateDirectory.make(directory);
    Path library = Files.writeString(directory.resolve("library.so"), "content");
    permit(library, "rwxr-xr-x");
    assertThat(PrivateDirectory.problem(directory)).isEmpty();

    permit(library, "rwxr-xrwx");
    assertThat(PrivateDirectory.problem(directory)).hasValue(library + " can be written by others");
    permit(library, "rwxr-xr-x");
    permit(directory, "rwxrwxrwx");
    assertThat(PrivateDirectory.problem(directory))
        .hasValue(directory + " can be written by others");
    Files.setAttribute(directory, "unix:mode", 01777);
    assertThat(PrivateDirectory.problem(directory))
        .hasValue(directory + " can be written by others");
    permit(directory, "rwxr-xr-x");
    permit(directory.getParent(), "rwxr-xrwx");
    assertThat(PrivateDirectory.problem(directory))
        .hasValue(directory.getParent() + " can be written by others");
    permit(directory.getParent(), "rwxr-xr-x");
    assertThat(PrivateDirectory.problem(directory)).isEmpty();

    Path link = Files.createSymbolicLink(parent.resolve("link"), directory);
    assertThat(PrivateDirectory.problem(link)).hasValue(link + " is a link");
  }

  private static void permit(Path path, String permissions) throws IOException {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(permissions));
  }
}
