package org.mirror4j.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AtomicFilesTest {
  /** Stands for a process that dies: no cleaning up follows. */
  private static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }

  @TempDir Path temporary;
  private Path directory;
  private Path target;

  @BeforeEach
  void resolve() throws IOException {
    directory = temporary.toRealPath();
    target = directory.resolve("model");
  }

  @Test
  void filesAreReplacedWholeOrNotAtAll() throws IOException {
    AtomicFiles.writeFile(target, channel -> channel.write(ByteBuffer.wrap(new byte[] {1, 2})));
    assertThatThrownBy(
            () ->
                AtomicFiles.writeFile(
                    target,
                    channel -> {
                      channel.write(ByteBuffer.wrap(new byte[] {9}));
                      throw new IOException("disk full");
                    }))
        .hasMessage("disk full");
    assertThat(target).hasBinaryContent(new byte[] {1, 2});
    AtomicFiles.writeFile(target, channel -> channel.write(ByteBuffer.wrap(new byte[] {3})));
    assertThat(target).hasBinaryContent(new byte[] {3});
    assertThat(content(directory)).containsOnlyKeys("model");
  }

  @Test
  void filesNeedADirectoryAndANameOfTheirOwn() throws IOException {
    Path absent = directory.resolve("absent");
    assertThatThrownBy(() -> AtomicFiles.writeFile(absent.resolve("file"), new byte[1]))
        .isInstanceOf(FileException.class)
        .hasMessage("%s: no such directory: %s", absent.resolve("file"), absent);
    Files.createDirectory(target);
    assertThatThrownBy(() -> AtomicFiles.writeFile(target, new byte[1]))
        .isInstanceOf(FileException.class)
        .hasMessage(target + ": is a directory, expected a file or nothing");
    assertThat(content(directory)).isEmpty();
  }

  @Test
  void aFileInTheMakingIsGoneUnlessCommitted() throws IOException {
    try (AtomicFile file = new AtomicFile(target)) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
    }
    assertThat(content(directory)).isEmpty();
    try (AtomicFile file = new AtomicFile(target)) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      file.rewriteStart(ByteBuffer.wrap(new byte[] {9}));
      file.write(ByteBuffer.wrap(new byte[] {4}));
      assertThat(target).doesNotExist();
      file.commit();
    }
    assertThat(content(directory)).containsOnlyKeys("model");
    assertThat(target).hasBinaryContent(new byte[] {9, 2, 3, 4});
  }

  @Test
  void directoriesAppearWholeOrNotAtAll() throws IOException {
    assertThatThrownBy(
            () ->
                AtomicFiles.writeDirectory(
                    target,
                    false,
                    path -> {
                      Files.writeString(path.resolve("a"), "half");
                      assertThat(target).doesNotExist();
                      throw new IllegalStateException("bad tensor");
                    }))
        .hasMessage("bad tensor");
    assertThat(content(directory)).isEmpty();
    AtomicFiles.writeDirectory(target, false, AtomicFilesTest::writeNew);
    assertThat(content(directory)).isEqualTo(Map.of("model/a", "new", "model/in/b", "new"));
  }

  @Test
  void parentsAreMadeAndEmptyDirectoriesCountAsAbsent() throws IOException {
    Path deep = directory.resolve("x/y/model");
    AtomicFiles.writeDirectory(deep, false, AtomicFilesTest::writeNew);
    assertThat(deep.resolve("a")).hasContent("new");
    Files.createDirectory(target);
    AtomicFiles.writeDirectory(target, false, AtomicFilesTest::writeNew);
    assertThat(target.resolve("a")).hasContent("new");
  }

  @Test
  void existingDirectoriesAreReplacedOnlyOnDemand() throws IOException {
    writeOld();
    assertThatThrownBy(() -> AtomicFiles.writeDirectory(target, false, AtomicFilesTest::writeNew))
        .isInstanceOf(FileException.class)
        .hasMessage(
            target + ": exists already and is not empty, expected a new or empty directory");
    assertThat(content(directory)).isEqualTo(Map.of("model/old", "old"));
    AtomicFiles.writeDirectory(target, true, AtomicFilesTest::writeNew);
    assertThat(content(directory)).isEqualTo(Map.of("model/a", "new", "model/in/b", "new"));
    Path file = Files.writeString(directory.resolve("file"), "");
    assertThatThrownBy(() -> AtomicFiles.writeDirectory(file, true, AtomicFilesTest::writeNew))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("is a file");
  }

  @Test
  void linksStayLinks() throws IOException {
    writeOld();
    Path link = Files.createSymbolicLink(directory.resolve("link"), target);
    AtomicFiles.writeDirectory(link, true, AtomicFilesTest::writeNew);
    assertThat(link).isSymbolicLink();
    assertThat(target.resolve("a")).hasContent("new");
    Path outside = Files.createDirectory(directory.resolve("outside"));
    Files.writeString(outside.resolve("precious"), "kept");
    Files.createSymbolicLink(target.resolve("way-out"), outside);
    AtomicFiles.deleteTree(target);
    assertThat(outside.resolve("precious")).hasContent("kept");
    AtomicFiles.deleteTree(target);
  }

  /** After a stop at any step the target is whole, and recovery leaves nothing else behind. */
  @ParameterizedTest
  @EnumSource(AtomicFiles.Step.class)
  void aCrashWhileReplacingLeavesTheOldOrTheNew(AtomicFiles.Step last) throws IOException {
    writeOld();
    AtomicFiles.Names names =
        new AtomicFiles.Names(target, directory.resolve(".model.t"), directory.resolve(".model.o"));
    AtomicFiles.writeNew(names, AtomicFilesTest::writeNew);
    assertThatThrownBy(
            () ->
                AtomicFiles.place(
                    names,
                    true,
                    step -> {
                      if (step == last) {
                        throw new Crash();
                      }
                    }))
        .isInstanceOf(Crash.class);
    assertThat(content(directory).keySet())
        .as("the crash left something to recover from")
        .anyMatch(name -> name.startsWith(".model"));
    AtomicFiles.recover(names);
    boolean replaced =
        List.of(AtomicFiles.Step.NEW_IN_PLACE, AtomicFiles.Step.OLD_MARKED_AS_RUBBISH)
            .contains(last);
    assertThat(content(directory))
        .isEqualTo(
            replaced ? Map.of("model/a", "new", "model/in/b", "new") : Map.of("model/old", "old"));
  }

  /** Neither the run that has replaced it fails nor a later one, and what can be is cleared up. */
  @Test
  void whatWasReplacedAndCannotBeRemovedIsInNobodysWay() throws IOException {
    writeOld();
    Path side = Files.createDirectory(directory.resolve("side"));
    AtomicFiles.Names names =
        new AtomicFiles.Names(target, side.resolve("t"), directory.resolve(".model.o"));
    AtomicFiles.writeNew(names, AtomicFilesTest::writeNew);
    AtomicFiles.place(
        names,
        true,
        step -> {
          if (step == AtomicFiles.Step.NEW_IN_PLACE) {
            // Then the old one cannot be moved there to be deleted.
            assertThat(side.toFile().delete()).isTrue();
          }
        });
    Map<String, String> left = Map.of("model/a", "new", "model/in/b", "new", ".model.o/old", "old");
    assertThat(content(directory)).isEqualTo(left);
    AtomicFiles.recover(names);
    assertThat(content(directory)).isEqualTo(left);
    Files.createDirectory(side);
    AtomicFiles.recover(names);
    assertThat(content(directory)).isEqualTo(Map.of("model/a", "new", "model/in/b", "new"));
  }

  @Test
  void whatAppearsWhileADirectoryIsWrittenIsNotReplaced() throws IOException {
    assertThatThrownBy(
            () ->
                AtomicFiles.writeDirectory(
                    target,
                    false,
                    path -> {
                      writeNew(path);
                      writeOld();
                    }))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("exists already");
    assertThat(content(directory)).isEqualTo(Map.of("model/old", "old"));
  }

  @Test
  void allNamesOfAPlaceAreOne() throws IOException {
    Path real = directory.toRealPath();
    Path elsewhere = Files.createDirectories(real.resolve("deep/er"));
    Files.createSymbolicLink(real.resolve("way"), elsewhere);
    Files.createSymbolicLink(real.resolve("dangling"), Path.of("deep/new"));
    assertThat(OutputPath.real(real.resolve("way/../x"))).isEqualTo(real.resolve("deep/x"));
    assertThat(OutputPath.real(real.resolve("./no/../x"))).isEqualTo(real.resolve("x"));
    assertThat(OutputPath.real(real.resolve("dangling"))).isEqualTo(real.resolve("deep/new"));
    Files.createSymbolicLink(real.resolve("loop"), Path.of("loop"));
    assertThatThrownBy(() -> OutputPath.real(real.resolve("loop")))
        .isInstanceOf(FileSystemLoopException.class);
    assertThatThrownBy(() -> OutputPath.real(Path.of("/")))
        .hasMessage("/: is the root, expected a directory or file in it");
  }

  @Test
  void aDeviceIsNotReplaced() {
    assertThatThrownBy(() -> new AtomicFile(Path.of("/dev/null")))
        .isInstanceOf(FileException.class)
        .hasMessage("/dev/null: is no regular file, expected a file or nothing");
  }

  private void writeOld() throws IOException {
    Files.createDirectory(target);
    Files.writeString(target.resolve("old"), "old");
  }

  private static void writeNew(Path path) throws IOException {
    Files.writeString(path.resolve("a"), "new");
    Files.createDirectory(path.resolve("in"));
    Files.writeString(path.resolve("in/b"), "new");
  }

  private static Map<String, String> content(Path root) throws IOException {
    Map<String, String> content = new TreeMap<>();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : paths.filter(Files::isRegularFile).toList()) {
        content.put(
            root.relativize(path).toString(),
            new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1));
      }
    }
    return content;
  }

  @Test
  void aFileThatCannotHaveItsNameLeavesNothing() throws IOException {
    Path taken = Files.createDirectories(temporary.resolve("taken/by")).getParent();
    assertThatThrownBy(() -> AtomicFiles.writeInLocked(taken, new byte[1]))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith("cannot write " + taken);
    assertThat(temporary).isDirectoryNotContaining(path -> !path.equals(taken));
  }
}
