package org.mirror4j.text.block;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.mirror4j.text.Tokenizer;

/** Documents of random words, and a cased tokenizer that spells them letter by letter. */
final class BlockTexts {
  private static final String LETTERS = "abcdefghijABCDEFGHIJ";

  private BlockTexts() {}

  static Tokenizer tokenizer() {
    List<String> vocabulary = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]"));
    vocabulary.addAll(List.of("[MASK]", ".", ","));
    LETTERS.chars().forEach(letter -> vocabulary.add(Character.toString(letter)));
    LETTERS.chars().forEach(letter -> vocabulary.add("##" + Character.toString(letter)));
    return Tokenizer.wordPiece(vocabulary, false);
  }

  /** Documents of lines of sentences, of very different sizes, with now and then a blank line. */
  static List<String> lines(Random random, int documents) {
    List<String> lines = new ArrayList<>();
    for (int document = 0; document < documents; document++) {
      int count = random.nextInt(6);
      for (int line = 0; line < count; line++) {
        lines.add(line(random, 1 + random.nextInt(5)));
      }
      lines.addAll(List.of("", "  ").subList(0, 1 + random.nextInt(2)));
    }
    return lines;
  }

  private static String line(Random random, int sentences) {
    StringBuilder line = new StringBuilder(random.nextInt(9) == 0 ? " " : "");
    for (int sentence = 0; sentence < sentences; sentence++) {
      int words = random.nextInt(20) == 0 ? 60 : 1 + random.nextInt(8);
      line.append("ABCDEFGHIJ".charAt(random.nextInt(10)));
      for (int word = 0; word < words; word++) {
        int letters = random.nextInt(30) == 0 ? 50 : 1 + random.nextInt(4);
        random.ints(letters, 0, 10).forEach(letter -> line.append(LETTERS.charAt(letter)));
        line.append(random.nextInt(6) == 0 ? ", " : random.nextInt(40) == 0 ? " \u00e9 " : " ");
      }
      line.setLength(line.length() - 1);
      line.append(random.nextInt(12) == 0 ? " " : ". ");
    }
    return line.toString();
  }

  static Path write(Path file, List<String> lines) {
    try {
      return Files.write(file, lines);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<TokenBlock> read(List<Path> files, Tokenizer tokenizer, BlockSettings settings) {
    try (BlockReader reader = new BlockReader(files, tokenizer, settings)) {
      return read(reader);
    }
  }

  static List<TokenBlock> read(BlockReader reader) {
    List<TokenBlock> blocks = new ArrayList<>();
    for (TokenBlock block = reader.next(); block != null; block = reader.next()) {
      blocks.add(block);
    }
    return blocks;
  }

  /** The tokens as the vocabulary spells them. */
  static String spelled(Tokenizer tokenizer, int[] ids) {
    return String.join(" ", IntStream.of(ids).mapToObj(tokenizer::token).toList());
  }
}
