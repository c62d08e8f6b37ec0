package org.mirror4j.support;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A small tokenizer of RoBERTa's kind. */
public final class ByteLevelFiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  private ByteLevelFiles() {}

  /** RoBERTa's files with all bytes and four merges. */
  public static Path write(Path directory) throws IOException {
    List<String> tokens = new ArrayList<>(List.of("<s>", "<pad>", "</s>", "<unk>"));
    int shifted = 256;
    for (int b = 0; b < 256; b++) {
      boolean printable = b >= 33 && b <= 126 || b >= 161 && b <= 172 || b >= 174;
      tokens.add(Character.toString(printable ? b : shifted++));
    }
    tokens.addAll(List.of("lo", "low", "Ġlow", "er", "<mask>"));
    ObjectNode vocab = JSON.createObjectNode();
    tokens.forEach(token -> vocab.put(token, vocab.size()));
    JSON.writeValue(directory.resolve("vocab.json").toFile(), vocab);
    Files.write(
        directory.resolve("merges.txt"), List.of("#version: 0.2", "l o", "lo w", "Ġ low", "e r"));
    return directory;
  }
}
