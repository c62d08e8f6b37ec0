package org.mirror4j;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The package that applications import is documented whole. */
class PublicDocumentationTest {
  private static final Path SOURCES = Path.of("src/main/java/org/mirror4j");

  @TempDir Path folder;

  @Test
  void javadocHasNothingToSay() throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "-quiet",
                "-Xdoclint:all",
                "-Xwerror",
                "-notimestamp",
                "-classpath",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString()));
    try (Stream<Path> files = Files.list(SOURCES)) {
      files.filter(Files::isRegularFile).map(Path::toString).sorted().forEach(arguments::add);
    }
    StringWriter said = new StringWriter();
    PrintWriter out = new PrintWriter(said);
    int exit =
        ToolProvider.findFirst("javadoc")
            .orElseThrow()
            .run(out, out, arguments.toArray(String[]::new));
    assertThat(said.toString()).isEmpty();
    assertThat(exit).isZero();
  }
}
