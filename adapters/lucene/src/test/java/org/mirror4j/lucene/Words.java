package org.mirror4j.lucene;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.mirror4j.DeviceChoice;
import org.mirror4j.EncoderSettings;
import org.mirror4j.encode.Bundled;

/** Words that come with the program, as items, and indexes of them. */
final class Words {
  /** An engine is given 4 batches at once: 16 texts. */
  static final EncoderSettings SMALL_BATCHES =
      EncoderSettings.DEFAULT
          .withDevice(DeviceChoice.CPU)
          .withThreads(1)
          .withBatchSize(4)
          .withMaxLength(16);

  static final int CHUNK = 16;

  static final EncoderSettings CPU =
      EncoderSettings.DEFAULT.withDevice(DeviceChoice.CPU).withThreads(1);

  private Words() {}

  /** The most frequent ones, from one on. */
  static List<String> list(int from, int to) {
    try (Bundled bundled = Bundled.open();
        Stream<String> lines = Files.lines(bundled.frequentWords())) {
      return lines.skip(from).limit(to - from).toList();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Each word under its number. */
  static List<Item> items(List<String> words) {
    List<Item> items = new ArrayList<>();
    for (String word : words) {
      items.add(new Item("w" + items.size(), word));
    }
    return items;
  }

  /** Makes an index where nothing is. */
  static TextIndexWriter.Summary write(Path index, IndexModel model, List<Item> items) {
    return write(index, model, items.iterator());
  }

  static TextIndexWriter.Summary write(Path index, IndexModel model, Iterator<Item> items) {
    return TextIndexWriter.write(index, false, model, items, done -> {});
  }

  /** A copy of the bundled model. */
  static Path copyOfModel(Path to) throws IOException {
    Files.createDirectory(to);
    try (Bundled bundled = Bundled.open();
        Stream<Path> files = Files.list(bundled.model())) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
    return to;
  }
}
