package org.mirror4j.cli;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.function.Supplier;
import javax.imageio.ImageIO;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;

/** Writes pictures. */
final class PngFile {
  private PngFile() {}

  /**
   * Draws without a display, and writes whole or not at all.
   *
   * @param drawing makes the picture
   * @throws FileException if the file cannot be written
   */
  static void write(Path file, Supplier<BufferedImage> drawing) {
    System.setProperty("java.awt.headless", "true");
    try {
      AtomicFiles.writeFile(
          file, channel -> ImageIO.write(drawing.get(), "png", Channels.newOutputStream(channel)));
    } catch (IOException e) {
      throw FileException.of(file + ": cannot be written", e);
    }
  }
}
