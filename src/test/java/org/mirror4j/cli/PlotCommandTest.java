package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlotCommandTest {
  @TempDir Path folder;

  @Test
  void drawsBothCurves() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int step = 1; step <= 250; step++) {
      String heldOut = step % 50 == 0 ? ", \"heldOutLoss\": " + 5.0 / step : "";
      lines.add("{\"step\": %d, \"loss\": %s%s}".formatted(step, 9.0 / step, heldOut));
    }
    Path log = folder.resolve("train.jsonl");
    Files.write(log, lines);
    Path picture = folder.resolve("loss.png");
    CommandRun.done("plot", "--log", log, "--output", picture);
    BufferedImage image = ImageIO.read(picture.toFile());
    assertThat(image.getWidth()).isEqualTo(900);
    // White, black, greys and the colours of two curves.
    assertThat(saturated(image)).hasSizeGreaterThanOrEqualTo(2);
  }

  @Test
  void programsAreToldWhatWasWritten() throws IOException {
    Path log = Files.writeString(folder.resolve("train.jsonl"), "{\"step\": 1, \"loss\": 1}\n");
    Path picture = folder.resolve("loss.png");
    CommandRun run = CommandRun.done("plot", "--log", log, "--output", picture, "--json");
    assertThat(run.event("finished").path("output").asText()).isEqualTo(picture.toString());
  }

  /** One evaluation is a point; a correlation that is not defined is none. */
  @Test
  void drawsScoresBesideTheLosses() throws IOException {
    String loss = "{\"step\": 1, \"loss\": 1%s}\n{\"step\": 2, \"loss\": 0.5%s}\n";
    Path without = draw("without", loss.formatted("", ""));
    Path undefined = draw("undefined", loss.formatted("", ", \"scores\": {\"Pearson\": \"NaN\"}"));
    Path one = draw("one", loss.formatted("", ", \"scores\": {\"F1\": 80}"));
    Path both =
        draw(
            "both",
            loss.formatted(
                ", \"scores\": {\"F1\": 70, \"accuracy\": 75}",
                ", \"scores\": {\"F1\": 80, \"accuracy\": 78}"));
    assertThat(Files.mismatch(without, undefined)).isEqualTo(-1);
    int colours = saturated(ImageIO.read(without.toFile())).size();
    assertThat(saturated(ImageIO.read(one.toFile()))).hasSizeGreaterThan(colours);
    assertThat(saturated(ImageIO.read(both.toFile()))).hasSizeGreaterThan(colours + 1);
  }

  private Path draw(String name, String lines) throws IOException {
    Path log = Files.writeString(folder.resolve("train.jsonl"), lines);
    Path picture = folder.resolve(name + ".png");
    CommandRun.done("plot", "--log", log, "--output", picture);
    return picture;
  }

  private static Set<Integer> saturated(BufferedImage image) {
    Set<Integer> saturated = new HashSet<>();
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        int rgb = image.getRGB(x, y);
        int red = rgb >> 16 & 0xFF;
        int green = rgb >> 8 & 0xFF;
        int blue = rgb & 0xFF;
        int most = Math.max(red, Math.max(green, blue));
        if (most - Math.min(red, Math.min(green, blue)) == most && most > 100) {
          saturated.add(rgb);
        }
      }
    }
    return saturated;
  }

  /** What is left behind the last whole mean is drawn too, with its held-out loss. */
  @Test
  void drawsTheLastStepsToo() throws IOException {
    List<String> lines = new ArrayList<>();
    for (int step = 1; step <= 199; step++) {
      lines.add("{\"step\": %d, \"loss\": 1}".formatted(step));
    }
    Path without = folder.resolve("without.jsonl");
    Files.write(without, lines);
    lines.set(198, "{\"step\": 199, \"loss\": 50}");
    Path with = folder.resolve("with.jsonl");
    Files.write(with, lines);
    Path flat = folder.resolve("flat.png");
    Path steep = folder.resolve("steep.png");
    CommandRun.done("plot", "--log", without, "--output", flat);
    CommandRun.done("plot", "--log", with, "--output", steep);
    assertThat(steep).isRegularFile();
    assertThat(Files.mismatch(flat, steep)).isNotNegative();
  }

  @Test
  void wrongInputsAreOneLine() throws IOException {
    Path picture = folder.resolve("loss.png");
    Path absent = folder.resolve("absent.jsonl");
    Path prose = Files.writeString(folder.resolve("prose.txt"), "Once upon a time\n");
    Path empty = Files.createFile(folder.resolve("empty.jsonl"));
    String[][] wrong = {
      {"1", absent + " does not exist", absent.toString(), picture.toString()},
      {"1", empty + " is empty", empty.toString(), picture.toString()},
      {"1", folder + " is a directory", folder.toString(), picture.toString()},
      {"1", prose + ":1: not JSON, expected the train.jsonl", prose.toString(), picture.toString()},
      {"2", "--output is loss.jpg, expected a name in .png", prose.toString(), "loss.jpg"},
    };
    for (String[] one : wrong) {
      CommandRun run = CommandRun.of("plot", "--log", one[2], "--output", one[3]);
      assertThat(run.exit()).isEqualTo(Integer.parseInt(one[0]));
      assertThat(run.err()).startsWith("mirror4j: " + one[1]);
      assertThat(run.err().lines().filter(line -> !line.startsWith("Try "))).hasSize(1);
    }
    CommandRun twice = CommandRun.of("plot", "--log", prose, prose, "--output", picture);
    assertThat(twice.err()).startsWith("mirror4j: --log names one file twice");
  }

  @Test
  void aFileThatIsNoLog() throws IOException {
    Path log = folder.resolve("other.jsonl");
    Files.writeString(log, "{\"step\": 1, \"loss\": 2.5}\n{\"name\": \"x\"}\n");
    Path picture = folder.resolve("loss.png");
    CommandRun run = CommandRun.of("plot", "--log", log, "--output", picture);
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err())
        .startsWith("mirror4j: " + log + ":2: expected an object with step and loss");
    assertThat(picture).doesNotExist();
  }
}
