package org.mirror4j.file;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * A fresh directory in {@code java.io.tmpdir} that only this user can enter. It is gone when it is
 * closed and after a signal; what SIGKILL leaves of one is gone when the next is made. It is the
 * temporary of an {@link OutputLock} whose output is never there.
 */
public final class TemporaryDirectory implements AutoCloseable {
  private static final String PREFIX = "mirror4j-";
  private static final int TRIES = 3;

  private final OutputLock lock;
  private final Path path;

  private TemporaryDirectory(OutputLock lock, Path path) {
    this.lock = lock;
    this.path = path;
  }

  /**
   * Makes one.
   *
   * @throws FileException if that is not possible
   */
  public static TemporaryDirectory create() {
    Path folder = Path.of(System.getProperty("java.io.tmpdir"));
    try {
      if (!Files.isDirectory(folder)) {
        throw new NoSuchFileException(folder.toString());
      }
      OutputLock lock = lock(folder, UUID::randomUUID);
      try {
        Path path =
            Files.createDirectory(
                lock.temporary(),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        removeDead(folder, Files.getOwner(path));
        return new TemporaryDirectory(lock, path);
      } catch (IOException | RuntimeException e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw failure(e);
    }
  }

  /**
   * Takes the lock of a name that nobody has. A process that clears up after the dead may meet a
   * lock between its making and its taking, and has it for a moment: then another name is free.
   */
  static OutputLock lock(Path folder, Supplier<UUID> names) {
    for (int i = 1; ; i++) {
      try {
        return OutputLock.of(folder.resolve(PREFIX + names.get()));
      } catch (FileException e) {
        if (i == TRIES) {
          throw e;
        }
      }
    }
  }

  /** That temporary files cannot be written or read, and how others are used. */
  public static FileException failure(IOException failure) {
    return new FileException(
        "temporary files in %s: %s; MIRROR4J_JAVA_OPTIONS=-Djava.io.tmpdir=DIR puts them elsewhere"
            .formatted(System.getProperty("java.io.tmpdir"), FileException.reason(failure)),
        failure);
  }

  /** Where it is. */
  public Path path() {
    return path;
  }

  /** Taking a lock clears up after the dead; the locks of those that live are let alone. */
  private static void removeDead(Path folder, UserPrincipal user) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> content = Files.newDirectoryStream(folder, "." + PREFIX + "*")) {
      for (Path file : content) {
        if (isOf(user, file)) {
          OutputLock.outputOf(file.getFileName().toString()).ifPresent(names::add);
        }
      }
    }
    for (String name : names) {
      OutputLock.clear(folder.resolve(name));
    }
  }

  /** In a folder of all users, what another one has planted is none of ours. */
  private static boolean isOf(UserPrincipal user, Path file) throws IOException {
    try {
      return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
          && Files.getOwner(file, LinkOption.NOFOLLOW_LINKS).equals(user);
    } catch (NoSuchFileException e) {
      return false; // one that ended by itself meanwhile
    }
  }

  /** Deletes it with all that is in it. */
  @Override
  public void close() {
    try (lock) {
      AtomicFiles.deleteTree(path);
    } catch (IOException e) {
      throw FileException.of(path + ": cannot be deleted", e);
    }
  }
}
