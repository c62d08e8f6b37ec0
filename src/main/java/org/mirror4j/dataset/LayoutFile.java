package org.mirror4j.dataset;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A file of the layout, made but not written.
 *
 * @param path below the data folder, with slashes
 * @param source what it was made of, the first file of several
 * @param content its bytes
 * @param items lines of data in it
 */
record LayoutFile(String path, Path source, byte[] content, int items) {
  /** Of lines, each ended by a line feed; items are these but for a header. */
  static LayoutFile of(String path, Path source, List<String> header, List<String> lines) {
    StringBuilder text = new StringBuilder();
    header.forEach(line -> text.append(line).append('\n'));
    lines.forEach(line -> text.append(line).append('\n'));
    return new LayoutFile(
        path, source, text.toString().getBytes(StandardCharsets.UTF_8), lines.size());
  }
}
