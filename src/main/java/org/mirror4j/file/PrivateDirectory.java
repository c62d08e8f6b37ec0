package org.mirror4j.file;

import com.sun.security.auth.module.UnixSystem;
import java.io.File;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A fresh directory that only this user can enter, for native libraries: whoever can write where
 * they lie runs code as this user. Closing deletes it with all that is in it.
 */
public record PrivateDirectory(Path path) implements AutoCloseable {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private static final int GROUP_WRITES = 0020, OTHERS_WRITE = 0002, STICKY = 01000;

  /**
   * Creates one.
   *
   * @param parent an existing directory
   * @throws IOException if it cannot be made, or others could put another in its place
   */
  public static PrivateDirectory create(Path parent) throws IOException {
    try {
      Path path = Files.createTempDirectory(parent, "mirror4j-", OWNER_ALONE);
      Optional<String> problem = problem(path);
      if (problem.isPresent()) {
        Files.delete(path);
        throw new IOException(problem.get());
      }
      return new PrivateDirectory(path);
    } catch (UnsupportedOperationException e) {
      throw new IOException(parent + " knows no permissions", e);
    }
  }

  /**
   * Makes a directory with all that lead to it, none of which others can write, where it is not
   * there.
   *
   * @throws IOException if it cannot be made
   */
  public static void make(Path path) throws IOException {
    try {
      Files.createDirectories(path, OWNER_ALONE);
    } catch (UnsupportedOperationException e) {
      throw new IOException(path + " knows no permissions", e);
    }
  }

  /**
   * Why others than this user and root can change what lies in a directory; empty where they
   * cannot. Looked at are the directory, which must not be a link, the directories that lead to it,
   * and all that is in it.
   *
   * @throws IOException if that cannot be found out
   */
  static Optional<String> problem(Path directory) throws IOException {
    if (Files.isSymbolicLink(directory)) {
      return Optional.of(directory + " is a link");
    }
    if (!directory.getFileSystem().supportedFileAttributeViews().contains("unix")) {
      return Optional.empty();
    }
    long user = new UnixSystem().getUid();
    Path real = directory.toRealPath();
    Optional<String> problem = problem(real, user, 0);
    for (Path above = real.getParent();
        problem.isEmpty() && above != null;
        above = above.getParent()) {
      problem = problem(above, user, STICKY);
    }
    if (problem.isEmpty()) {
      problem = problemWithin(real, user);
    }
    return problem;
  }

  /** What goes while it is looked at is another process's, which unpacks at this moment. */
  private static Optional<String> problemWithin(Path directory, long user) throws IOException {
    AtomicReference<String> found = new AtomicReference<>();
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            return visitFile(path, attributes);
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            try {
              problem(path, user, 0).ifPresent(found::set);
            } catch (NoSuchFileException e) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            return found.get() == null ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path path, IOException e) throws IOException {
            return postVisitDirectory(path, e);
          }

          @Override
          public FileVisitResult postVisitDirectory(Path path, IOException e) throws IOException {
            if (e != null && !(e instanceof NoSuchFileException)) {
              throw e;
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return Optional.ofNullable(found.get());
  }

  /**
   * Of one file or directory.
   *
   * @param allows a bit of the mode with which others may write
   */
  private static Optional<String> problem(Path path, long user, int allows) throws IOException {
    int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    int owner = (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    if (owner != user && owner != 0) {
      return Optional.of("%s belongs to user %d".formatted(path, owner));
    }
    boolean open = (mode & OTHERS_WRITE) != 0 || (mode & GROUP_WRITES) != 0 && !hasOwnGroup(path);
    if (open && (mode & allows) == 0 && !Files.isSymbolicLink(path)) {
      return Optional.of("%s can be written by others".formatted(path));
    }
    return Optional.empty();
  }

  /**
   * A group of the owner's name holds the owner alone: where that is usual, files are open to it.
   */
  private static boolean hasOwnGroup(Path path) throws IOException {
    PosixFileAttributes attributes =
        Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return attributes.group().getName().equals(attributes.owner().getName());
  }

  /** What cannot be deleted stays: it is in the way of nothing. */
  @Override
  public void close() {
    delete(path.toFile());
  }

  private static void delete(File file) {
    File[] members = Files.isSymbolicLink(file.toPath()) ? null : file.listFiles();
    if (members != null) {
      for (File member : members) {
        delete(member);
      }
    }
    file.delete();
  }
}
