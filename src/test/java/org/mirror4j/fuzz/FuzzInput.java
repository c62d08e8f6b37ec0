package org.mirror4j.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/**
 * The files that a reader is given.
 *
 * @param files content by path in the directory; not to be changed
 */
record FuzzInput(SequencedMap<String, byte[]> files) {
  /** One file. */
  static FuzzInput of(String name, byte[] content) {
    return new FuzzInput(new LinkedHashMap<>(Map.of(name, content)));
  }

  /** One file of UTF-8 text. */
  static FuzzInput of(String name, String content) {
    return of(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /** The same with a file added or replaced. */
  FuzzInput with(String name, byte[] content) {
    SequencedMap<String, byte[]> changed = new LinkedHashMap<>(files);
    changed.put(name, content);
    return new FuzzInput(changed);
  }

  /** The same with a file of UTF-8 text added or replaced. */
  FuzzInput with(String name, String content) {
    return with(name, content.getBytes(StandardCharsets.UTF_8));
  }

  /** The same without a file. */
  FuzzInput without(String name) {
    SequencedMap<String, byte[]> changed = new LinkedHashMap<>(files);
    changed.remove(name);
    return new FuzzInput(changed);
  }

  List<String> names() {
    return List.copyOf(files.keySet());
  }

  /** The content of a file; empty if there is none. */
  byte[] content(String name) {
    return files.getOrDefault(name, new byte[0]);
  }

  /** The content of the first file as text; bytes that are not UTF-8 are replaced. */
  String text() {
    return files.isEmpty() ? "" : new String(files.firstEntry().getValue(), StandardCharsets.UTF_8);
  }

  /** Writes the files into a directory. */
  void write(Path directory) {
    try {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        Path path = directory.resolve(file.getKey());
        Files.createDirectories(path.getParent());
        Files.write(path, file.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
