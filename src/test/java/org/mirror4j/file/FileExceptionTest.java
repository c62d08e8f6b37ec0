package org.mirror4j.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FileExceptionTest {
  private static final Path FILE = Path.of("/d/f");

  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new NoSuchFileException("/d/f"), "no such file or directory"),
        Arguments.of(new AccessDeniedException("/d/f"), "no permission"),
        Arguments.of(new FileAlreadyExistsException("/d/f"), "exists already"),
        Arguments.of(new DirectoryNotEmptyException("/d/f"), "directory is not empty"),
        Arguments.of(new NotDirectoryException("/d/f"), "not a directory"),
        Arguments.of(new FileSystemLoopException("/d/f"), "links lead in a circle"),
        Arguments.of(
            new FileSystemException("/d/f", null, "No space left on device"),
            "No space left on device"),
        Arguments.of(new FileSystemException("/d/f"), "no reason given"),
        Arguments.of(new FileNotFoundException(FILE + " (Is a directory)"), "Is a directory"),
        Arguments.of(new MalformedInputException(1), "not UTF-8"),
        Arguments.of(new ZipException("zip END header not found"), "zip END header not found"),
        Arguments.of(new EOFException(), "it ends too early"),
        Arguments.of(new IOException(), "no reason given"),
        Arguments.of(new IOException("No space left on device"), "No space left on device"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void saysWhyAndNamesTheFileOnce(IOException failure, String reason) {
    assertThat(FileException.of(FILE, failure)).hasMessage("/d/f: " + reason).hasCause(failure);
    assertThat(FileException.of("/d/f: cannot be read", failure))
        .hasMessage("/d/f: cannot be read: " + reason);
  }

  @Test
  void anotherFileThatFailedIsNamed() {
    assertThat(FileException.of("cannot list /d/f", new NoSuchFileException("/d/g")))
        .hasMessage("cannot list /d/f: no such file or directory: /d/g");
    assertThat(FileException.of(FILE, new FileNotFoundException("/d/g (Is a directory)")))
        .hasMessage("/d/f: Is a directory: /d/g");
  }
}
