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
    assertThat(saturated).hasSizeGreaterThanOrEqualTo(2);
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
