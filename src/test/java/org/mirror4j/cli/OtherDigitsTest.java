package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.support.ForkedJava;

/**
 * What programs read has the digits 0 to 9 in every locale, also where an application calls and not
 * our own program, which sets the locale for what it says.
 */
class OtherDigitsTest {
  private static final Pattern OTHER_DIGIT = Pattern.compile("(?![0-9])\\p{Nd}");
  private static final int HEADER_BYTES = 128;

  @TempDir Path folder;

  /** The commands whose files are read, run by way of the library's locale. */
  static final class Commands {
    public static void main(String[] arguments) throws IOException {
      Path folder = Path.of(System.getProperty("folder"));
      System.out.println("%d".formatted(17));
      Path model = CommandRun.model(folder.resolve("model"));
      Path corpus = Files.writeString(folder.resolve("corpus.in"), "a b\nb c\nc d\nd e\n");
      Path tuned = folder.resolve("tuned");
      CommandRun.train(model, corpus, tuned, "--max-steps", 2, "--batch-size", 2);
      embed(tuned, corpus, folder.resolve("vectors.npy"), "cpu", "f32");
      embed(tuned, corpus, folder.resolve("vectors.tsv"), "cpu", "f32");
      embed(tuned, corpus, folder.resolve("kernels.npy"), "ptx", "f32");
      embed(tuned, corpus, folder.resolve("halves.npy"), "ptx", "f16");
      CommandRun.done("convert", tuned, folder.resolve("converted"));
      Path tensorFlow = Path.of("src/test/resources/golden/tensorflow");
      CommandRun.done("convert", tensorFlow, folder.resolve("of-tensorflow"));
      CommandRun.done("convert", withGaps(model, folder), folder.resolve("filled"));
      Path prose = Files.writeString(folder.resolve("prose.in"), "river bank\nriver of money\n");
      CommandRun.done("frequent-words", "--corpus", prose, "--output", folder.resolve("words.txt"));
      Files.writeString(
          folder.resolve("events.json"),
          CommandRun.done("devices", "--json").out()
              + CommandRun.done("kernels", "list", "--json").out());
    }

    /** A model with ids that no piece has. */
    private static Path withGaps(Path model, Path folder) throws IOException {
      Path gaps = Files.createDirectory(folder.resolve("gaps"));
      for (String name : List.of("config.json", "model.safetensors")) {
        Files.copy(model.resolve(name), gaps.resolve(name));
      }
      List<String> pieces = Files.readAllLines(model.resolve("vocab.txt"));
      Files.write(gaps.resolve("vocab.txt"), pieces.subList(0, pieces.size() - 9));
      Files.writeString(
          gaps.resolve("added_tokens.json"), "{\"[A]\": " + (pieces.size() - 1) + "}");
      return gaps;
    }

    private static void embed(Path model, Path text, Path output, String device, String precision) {
      CommandRun.embed(model, text, output, "--device", device, "--precision", precision);
    }
  }

  @Test
  void filesHaveTheDigitsOfPrograms() throws IOException {
    String said =
        ForkedJava.run(
            Commands.class,
            entry -> false,
            "-Duser.language=fa",
            "-Duser.country=IR",
            "-Dfolder=" + folder);
    assertThat(said).as("Persian digits, and nothing that failed").isEqualTo("\u06f1\u06f7");
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder)) {
      files = all.filter(Files::isRegularFile).toList();
    }
    assertThat(files).hasSizeGreaterThan(20);
    for (Path file : files) {
      assertThat(OTHER_DIGIT.matcher(text(file)).find()).as(file.toString()).isFalse();
    }
    byte[] vectors = Files.readAllBytes(folder.resolve("vectors.npy"));
    assertThat(new String(vectors, StandardCharsets.ISO_8859_1)).contains("'shape': (4, ");
  }

  /** Text, or the header of what is not. */
  private static String text(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      boolean binary = file.toString().matches(".*\\.(npy|safetensors)");
      byte[] bytes = binary ? in.readNBytes(HEADER_BYTES) : in.readAllBytes();
      return new String(bytes, StandardCharsets.UTF_8);
    }
  }
}
