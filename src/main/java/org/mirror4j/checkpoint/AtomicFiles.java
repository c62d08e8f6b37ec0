package org.mirror4j.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Files and directories that appear whole or not at all, whenever the process or the machine stops.
 *
 * <p>A file or directory {@code NAME} is written as {@code .NAME.tmp-ID} beside its target, forced
 * to disk and renamed. Replacing a directory takes these steps:
 *
 * <ol>
 *   <li>write {@code .NAME.tmp-ID}, force each file and directory in it to disk;
 *   <li>rename {@code NAME} to {@code .NAME.old};
 *   <li>rename {@code .NAME.tmp-ID} to {@code NAME};
 *   <li>rename {@code .NAME.old} to {@code .NAME.tmp-ID2} and delete that.
 * </ol>
 *
 * <p>So {@code .NAME.old} is always whole, and {@link #recover} needs to know only whether {@code
 * NAME} exists: if not, the stop came between steps 2 and 3 and {@code .NAME.old} is renamed back;
 * if so, step 4 is done again. Names with {@code .tmp-} are rubbish. One process at a time may
 * write a target.
 */
public final class AtomicFiles {
  private static final String TEMPORARY = ".tmp-";
  private static final String OLD = ".old";

  /** Writes the content of a file. */
  @FunctionalInterface
  public interface FileWriter {
    /** Writes the whole content to a channel that is empty and open; must not close it. */
    void write(FileChannel channel) throws IOException;
  }

  /** Writes the content of a directory. */
  @FunctionalInterface
  public interface DirectoryWriter {
    /** Writes files into a directory that exists and is empty. */
    void write(Path directory) throws IOException;
  }

  /** What has been done when a directory is replaced. */
  enum Step {
    WRITTEN,
    OLD_MOVED_AWAY,
    NEW_IN_PLACE,
    OLD_MARKED_AS_RUBBISH
  }

  private AtomicFiles() {}

  /**
   * Writes a file, in place of the one of that name if there is one. If the writer fails, nothing
   * has changed.
   *
   * @throws CheckpointException if the target is a directory
   * @throws IOException if the writer fails
   * @throws java.io.UncheckedIOException if the file cannot be made or named
   */
  public static void writeFile(Path target, FileWriter writer) throws IOException {
    try (AtomicFile file = new AtomicFile(target)) {
      writer.write(file.channel());
      file.commit();
    }
  }

  /**
   * Writes a file of these bytes, as {@link #writeFile(Path, FileWriter)}.
   *
   * @throws CheckpointException if the target is a directory
   * @throws java.io.UncheckedIOException if writing fails; nothing has changed then
   */
  public static void writeFile(Path target, byte[] content) {
    try (AtomicFile file = new AtomicFile(target)) {
      file.write(ByteBuffer.wrap(content));
      file.commit();
    }
  }

  /**
   * Writes a directory. If the writer fails, nothing has changed. Missing parents are made. An
   * existing empty directory counts as absent.
   *
   * @param replace whether an existing directory, with all that is in it, is replaced
   * @throws CheckpointException if the target exists and is not a directory, or holds files and
   *     {@code replace} is false; nothing has been written then
   * @throws IOException if writing fails
   */
  public static void writeDirectory(Path target, boolean replace, DirectoryWriter writer)
      throws IOException {
    recover(target);
    checkFree(target, replace);
    Path absolute = realTarget(target);
    Files.createDirectories(absolute.getParent());
    Path temporary = temporary(absolute);
    try {
      writeSteps(absolute, temporary, writer, step -> {});
    } catch (IOException | RuntimeException | Error e) {
      deleteAfter(e, temporary);
      throw e;
    }
  }

  /**
   * Fails if {@link #writeDirectory} would refuse the target: for finding out before hours of work.
   *
   * @throws CheckpointException as {@link #writeDirectory}
   */
  public static void checkFree(Path target, boolean replace) throws IOException {
    if (Files.exists(target) && !Files.isDirectory(target)) {
      throw new CheckpointException(target + ": is a file, expected a directory or nothing");
    }
    if (!replace && Files.isDirectory(target) && !isEmpty(target)) {
      throw new CheckpointException(
          target + ": exists already and is not empty, expected a new or empty directory");
    }
  }

  /** The steps with nothing undone when one fails, as when the process dies. */
  static void writeSteps(
      Path target, Path temporary, DirectoryWriter writer, Consumer<Step> reached)
      throws IOException {
    Path parent = target.getParent();
    Files.createDirectory(temporary);
    writer.write(temporary);
    forceTree(temporary);
    reached.accept(Step.WRITTEN);
    if (!Files.exists(target)) {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      force(parent);
      reached.accept(Step.NEW_IN_PLACE);
      return;
    }
    Path old = old(target);
    Files.move(target, old, StandardCopyOption.ATOMIC_MOVE);
    reached.accept(Step.OLD_MOVED_AWAY);
    try {
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.move(old, target, StandardCopyOption.ATOMIC_MOVE);
      throw e;
    }
    force(parent);
    reached.accept(Step.NEW_IN_PLACE);
    discard(old, target, reached);
    force(parent);
  }

  /**
   * Clears up what a stopped {@link #writeFile} or {@link #writeDirectory} of that target has left,
   * so that the target is whole, either old or new. Harmless when there is nothing to do.
   */
  public static void recover(Path target) throws IOException {
    Path absolute = realTarget(target);
    Path parent = absolute.getParent();
    if (!Files.isDirectory(parent)) {
      return;
    }
    Path old = old(absolute);
    if (Files.exists(old)) {
      if (Files.exists(absolute)) {
        discard(old, absolute, step -> {});
      } else {
        Files.move(old, absolute, StandardCopyOption.ATOMIC_MOVE);
      }
      force(parent);
    }
    String rubbish = "." + absolute.getFileName() + TEMPORARY;
    try (DirectoryStream<Path> siblings =
        Files.newDirectoryStream(parent, path -> name(path).startsWith(rubbish))) {
      for (Path path : siblings) {
        deleteTree(path);
      }
    }
  }

  /**
   * Deletes a file, or a directory with all that is in it; links are removed, not followed. Does
   * nothing if there is no such path.
   */
  public static void deleteTree(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Deletes a directory so that a stop halfway leaves rubbish of {@code target}, never a part. */
  static void discard(Path directory, Path target, Consumer<Step> reached) throws IOException {
    Path rubbish = temporary(target);
    Files.move(directory, rubbish, StandardCopyOption.ATOMIC_MOVE);
    reached.accept(Step.OLD_MARKED_AS_RUBBISH);
    deleteTree(rubbish);
  }

  static Path temporary(Path target) {
    return target.resolveSibling("." + target.getFileName() + TEMPORARY + UUID.randomUUID());
  }

  /** Where a link leads, so that the directory is replaced and not the link to it. */
  static Path realTarget(Path target) throws IOException {
    Path absolute =
        Files.exists(target) ? target.toRealPath() : target.toAbsolutePath().normalize();
    if (absolute.getFileName() == null) {
      throw new CheckpointException(target + ": is the root, expected a directory or file in it");
    }
    return absolute;
  }

  private static Path old(Path target) {
    return target.resolveSibling("." + target.getFileName() + OLD);
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  static boolean isEmpty(Path directory) throws IOException {
    try (DirectoryStream<Path> content = Files.newDirectoryStream(directory)) {
      return !content.iterator().hasNext();
    }
  }

  private static void forceTree(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            force(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            force(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Forces a file or the entries of a directory to disk. */
  static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      channel.force(true);
    }
  }

  private static void deleteAfter(Throwable failure, Path temporary) {
    try {
      deleteTree(temporary);
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }
}
