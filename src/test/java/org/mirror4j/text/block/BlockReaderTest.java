package org.mirror4j.text.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;

class BlockReaderTest {
  private static final Tokenizer TOKENIZER = BlockTexts.tokenizer();

  @TempDir Path folder;

  @AfterAll
  static void close() {
    TOKENIZER.close();
  }

  private Path write(String... lines) {
    return BlockTexts.write(folder.resolve("text"), List.of(lines));
  }

  private static BlockSettings settings(BlockKind kind, int maxLength) {
    return new BlockSettings(kind, maxLength, 0, SpanSource.NONE, 1);
  }

  private List<String> spelled(BlockSettings settings, Path... files) {
    return BlockTexts.read(List.of(files), TOKENIZER, settings).stream()
        .map(block -> BlockTexts.spelled(TOKENIZER, block.ids()))
        .toList();
  }

  @ParameterizedTest
  @EnumSource
  void equalsTheReference(BlockKind kind) {
    for (int seed = 0; seed < 6; seed++) {
      // Fewer documents than the window of the reader has, so that it draws from all of them.
      List<String> lines = BlockTexts.lines(new Random(seed), 40);
      Path file = BlockTexts.write(folder.resolve("text"), lines);
      int maxLength = List.of(5, 12, 40, 64, 130, 512).get(seed);
      for (double share : new double[] {0, 0.5}) {
        BlockSettings settings = new BlockSettings(kind, maxLength, share, SpanSource.NONE, seed);
        BlockReference reference = new BlockReference(TOKENIZER, settings, lines);
        List<int[]> expected = reference.blocks();
        List<TokenBlock> blocks = BlockTexts.read(List.of(file), TOKENIZER, settings);
        assertThat(blocks.stream().map(TokenBlock::ids).toArray(int[][]::new))
            .isDeepEqualTo(expected.toArray(int[][]::new));
        assertThat(blocks.stream().mapToLong(TokenBlock::number))
            .containsExactlyElementsOf(
                IntStream.range(0, expected.size()).mapToObj(Long::valueOf).toList());
        assertThat(blocks.stream().flatMapToInt(block -> block.nextSentence().stream()).boxed())
            .isEqualTo(reference.labels);
        blocks.forEach(block -> requireWellFormed(block, maxLength));
        assertThat(blocks.stream().flatMap(block -> block.spans().stream())).isEmpty();
      }
    }
  }

  private static int textTokens(TokenBlock block) {
    return block.segments().stream().mapToInt(TokenRange::length).sum();
  }

  private static void requireWellFormed(TokenBlock block, int maxLength) {
    int[] ids = block.ids();
    assertThat(ids.length).isBetween(3, maxLength);
    int[] special =
        IntStream.range(0, ids.length)
            .filter(i -> ids[i] == TOKENIZER.clsId() || ids[i] == TOKENIZER.sepId())
            .toArray();
    assertThat(block.segments()).hasSize(special.length - 1);
    for (int s = 0; s < block.segments().size(); s++) {
      assertThat(block.segments().get(s)).isEqualTo(new TokenRange(special[s] + 1, special[s + 1]));
    }
    assertThat(textTokens(block)).isEqualTo(ids.length - special.length);
    boolean pair = special.length == 3;
    assertThat(block.nextSentence().isPresent()).isEqualTo(pair);
    int[] types = new int[pair ? ids.length : 0];
    Arrays.fill(types, pair ? special[1] + 1 : 0, types.length, 1);
    assertThat(block.tokenTypes()).isEqualTo(types);
  }

  /** Half of those pairs of which it is drawn, within five deviations. */
  @Test
  void halfOfThePairsFollow() {
    List<String> lines = BlockTexts.lines(new Random(4), 1000);
    Path file = BlockTexts.write(folder.resolve("text"), lines);
    BlockSettings settings = settings(BlockKind.PAIRS, 40);
    BlockReference reference = new BlockReference(TOKENIZER, settings, lines);
    reference.blocks();
    List<TokenBlock> blocks = BlockTexts.read(List.of(file), TOKENIZER, settings);
    // Which document is drawn differs, as the reader holds some of them, but not what follows it.
    assertThat(blocks.stream().flatMapToInt(block -> block.nextSentence().stream()).boxed())
        .isEqualTo(reference.labels);
    long follow = blocks.stream().filter(b -> b.nextSentence().getAsInt() == 0).count();
    double error = Math.sqrt(0.25 / reference.drawn);
    assertThat(reference.drawn).isGreaterThan(1000);
    assertThat((double) follow / reference.drawn).isCloseTo(0.5, within(5 * error));
  }

  @Test
  void streamJoinsLinesAndCutsAnywhere() throws IOException {
    Path file = write("ab c", "d.", "", "abcdefghi", " ", "a b c");
    assertThat(spelled(settings(BlockKind.STREAM, 10), file))
        .containsExactly("[CLS] a ##b ##c ##d ##e ##f ##g ##h [SEP]");
    assertThat(spelled(settings(BlockKind.STREAM, 5), file))
        .containsExactly(
            "[CLS] a ##b c [SEP]",
            "[CLS] a ##b ##c [SEP]",
            "[CLS] ##d ##e ##f [SEP]",
            "[CLS] ##g ##h ##i [SEP]",
            "[CLS] a b c [SEP]");
    try (BlockReader reader =
        new BlockReader(List.of(file), TOKENIZER, settings(BlockKind.STREAM, 10))) {
      BlockTexts.read(reader);
      BlockReport report = reader.report();
      assertThat(report.summary())
          .isEqualTo("1 blocks, 10 tokens of 3 documents, 6 lines; tokens too few for a block: 9");
    }
  }

  @Test
  void sentencesAreNeverLost() {
    Path file = write("Aa. B.", "Abcdefghi.", "C.", "", "Dd. Abcdefghi.");
    BlockSettings settings = settings(BlockKind.SENTENCES, 8);
    assertThat(spelled(settings, file))
        .containsExactly(
            "[CLS] A ##a . B . [SEP]",
            "[CLS] A ##b ##c ##d ##e ##f [SEP]",
            "[CLS] ##g ##h ##i . C . [SEP]",
            "[CLS] D ##d . [SEP]",
            "[CLS] A ##b ##c ##d ##e ##f [SEP]",
            "[CLS] ##g ##h ##i . [SEP]");
    try (BlockReader reader = new BlockReader(List.of(file), TOKENIZER, settings)) {
      BlockTexts.read(reader);
      assertThat(reader.report().sentencesCut()).isEqualTo(2);
      assertThat(reader.report().tokensLeftOut()).isZero();
      assertThat(reader.report().summary())
          .isEqualTo(
              "6 blocks, 42 tokens of 2 documents, 5 lines; sentences longer than a block: 2");
    }
  }

  @Test
  void onlyOneDocumentToPairFrom() {
    Path file = write("Ab. C.", "Dd. Abcdefghi. E.", "F.");
    BlockSettings settings = settings(BlockKind.PAIRS, 11);
    try (BlockReader reader = new BlockReader(List.of(file), TOKENIZER, settings)) {
      List<TokenBlock> blocks = BlockTexts.read(reader);
      assertThat(blocks).allMatch(block -> block.nextSentence().getAsInt() == 0);
      assertThat(reader.report().pairsWithoutOther()).isPositive();
      assertThat(reader.report().blocks()).isEqualTo(blocks.size());
      assertThat(blocks.stream().mapToInt(BlockReaderTest::textTokens).sum()).isBetween(10, 23);
    }
    // One sentence is parted, one token is no pair.
    assertThat(spelled(settings, write("abc")))
        .hasSize(1)
        .allMatch(block -> block.matches("\\[CLS\\] a (##b )?\\[SEP\\] (##b )?##c \\[SEP\\]"));
    try (BlockReader reader = new BlockReader(List.of(write("a")), TOKENIZER, settings)) {
      assertThat(reader.next()).isNull();
      assertThat(reader.next()).isNull();
      assertThat(reader.report().tokensLeftOut()).isEqualTo(1);
    }
  }

  /** The first token of a segment that is no full stop. */
  private static int letter(TokenBlock block, int segment) {
    int at = block.segments().get(segment).from();
    return block.ids()[block.ids()[at] == TOKENIZER.id(".") ? at + 1 : at];
  }

  /** More documents than the window holds, one of them longer than a part of it. */
  @Test
  void pairsOfManyDocuments() {
    List<String> lines = new ArrayList<>();
    for (int document = 0; document < 400; document++) {
      String name = "abcdefghij".substring(document % 10, document % 10 + 1);
      int sentences = document == 200 ? 20_000 : 8;
      for (int sentence = 0; sentence < sentences; sentence++) {
        lines.add(name + " " + name + ".");
      }
      lines.add("");
    }
    Path file = BlockTexts.write(folder.resolve("text"), lines);
    List<TokenBlock> blocks =
        BlockTexts.read(List.of(file), TOKENIZER, settings(BlockKind.PAIRS, 13));
    assertThat(blocks.size()).isGreaterThan(5000);
    int others = 0;
    for (TokenBlock block : blocks) {
      int first = letter(block, 0);
      int second = letter(block, 1);
      if (block.nextSentence().getAsInt() == 0) {
        assertThat(second).isEqualTo(first);
      } else {
        others += second == first ? 0 : 1;
      }
    }
    long random = blocks.stream().filter(b -> b.nextSentence().getAsInt() == 1).count();
    // A tenth of the documents has the same letter as any other.
    assertThat((double) others / random).isGreaterThan(0.8);
    assertThat(blocks.stream().filter(b -> b.nextSentence().getAsInt() == 0).count())
        .isGreaterThan(2000);
  }

  /** What is around segments, and their types, is as the tokenizer's files say; blanks are kept. */
  @Test
  void blocksAsRobertaHasThem() throws IOException {
    Path model = Files.createDirectory(folder.resolve("model"));
    Files.writeString(
        model.resolve("vocab.json"),
        "{'<s>':0,'<pad>':1,'</s>':2,'<unk>':3,'<mask>':4,'a':5,'b':6,'.':7,'\u0120':8}"
            .replace('\'', '"'));
    Files.writeString(model.resolve("merges.txt"), "#version: 0.2\n");
    try (Tokenizer tokenizer = Tokenizer.open(model)) {
      List<TokenBlock> blocks =
          BlockTexts.read(List.of(write("a", "", "b")), tokenizer, settings(BlockKind.PAIRS, 6));
      assertThat(blocks.getFirst().ids()).containsExactly(0, 5, 2, 2, 6, 2);
      assertThat(blocks.getFirst().tokenTypes()).containsOnly(0).hasSize(6);
      assertThat(blocks.getFirst().segments())
          .containsExactly(new TokenRange(1, 2), new TokenRange(4, 5));
      List<TokenBlock> sentences =
          BlockTexts.read(
              List.of(write("a. B b. a  ")), tokenizer, settings(BlockKind.SENTENCES, 9));
      int[] tokens = tokenizer.encodePieces("a. B b. a  ");
      assertThat(sentences.stream().flatMapToInt(b -> Arrays.stream(b.ids())).filter(id -> id > 2))
          .containsExactlyElementsOf(Arrays.stream(tokens).boxed().toList());
    }
  }

  @ParameterizedTest
  @EnumSource
  void corporaOfNothing(BlockKind kind) throws IOException {
    Path blank = write("", "  ", "\t");
    assertThat(BlockTexts.read(List.of(blank), TOKENIZER, settings(kind, 10))).isEmpty();
    Path empty = Files.createFile(folder.resolve("empty"));
    assertThatThrownBy(() -> BlockTexts.read(List.of(empty), TOKENIZER, settings(kind, 10)))
        .isInstanceOf(TextException.class)
        .hasMessage(empty + " is empty");
    Path absent = folder.resolve("absent");
    assertThatThrownBy(() -> BlockTexts.read(List.of(absent), TOKENIZER, settings(kind, 10)))
        .hasMessage(absent + " does not exist");
  }

  /** A file ends a document; gzip is unpacked; the blocks are those of the text. */
  @Test
  void severalFiles() throws IOException {
    Path first = write("Abcd.", "Ef.");
    Path second = folder.resolve("second.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(second))) {
      out.write("Gh.\nIj.".getBytes(StandardCharsets.UTF_8));
    }
    assertThat(spelled(settings(BlockKind.SENTENCES, 32), first, second))
        .containsExactly("[CLS] A ##b ##c ##d . E ##f . [SEP]", "[CLS] G ##h . I ##j . [SEP]");
  }

  @Test
  void longLinesAndForeignBytesAreCounted() throws IOException {
    Path file = folder.resolve("text");
    byte[] text = new byte[BlockReader.LINE_CHARACTERS + 10];
    Arrays.fill(text, (byte) 'a');
    text[text.length - 5] = '\n';
    text[text.length - 2] = (byte) 0xff;
    Files.write(file, text);
    try (BlockReader reader =
        new BlockReader(List.of(file), TOKENIZER, settings(BlockKind.SENTENCES, 512))) {
      assertThat(BlockTexts.read(reader)).isNotEmpty();
      assertThat(reader.report().linesCut()).isEqualTo(1);
      assertThat(reader.report().invalidLines()).isEqualTo(1);
      assertThat(reader.report().summary())
          .endsWith("lines cut at 100,000 characters: 1; lines not UTF-8, the first is line 2: 1");
    }
  }

  @Test
  void countsOfTokens() {
    Path file = write("ab a [MASK] \u00e9", "", "b.", "c c");
    long[] all = BlockReader.tokenCounts(List.of(file), TOKENIZER, SpanSource.NONE, 1000);
    assertThat(all).hasSize(TOKENIZER.vocabSize());
    assertThat(Arrays.stream(all).sum()).isEqualTo(8);
    assertThat(all[TOKENIZER.id("a")]).isEqualTo(2);
    assertThat(all[TOKENIZER.id("##b")]).isEqualTo(1);
    assertThat(all[TOKENIZER.id("c")]).isEqualTo(2);
    assertThat(all[TOKENIZER.unknownId()]).isEqualTo(1);
    assertThat(all[TOKENIZER.maskId()]).isZero();
    // The first line and what is behind it, until there are six.
    long[] some = BlockReader.tokenCounts(List.of(file), TOKENIZER, SpanSource.NONE, 6);
    assertThat(Arrays.stream(some).sum()).isEqualTo(6);
    assertThat(some[TOKENIZER.id("c")]).isZero();
    // Spans are no text.
    long[] column =
        BlockReader.tokenCounts(List.of(write("ab\t0:1")), TOKENIZER, SpanSource.COLUMN, 9);
    assertThat(Arrays.stream(column).sum()).isEqualTo(2);
    Path blank = write(" ");
    assertThatThrownBy(() -> BlockReader.tokenCounts(List.of(blank), TOKENIZER, SpanSource.NONE, 9))
        .hasMessage("[" + blank + "]: no token, expected text");
  }

  @Test
  void refused() {
    assertThatThrownBy(() -> settings(BlockKind.STREAM, 3))
        .hasMessage("the maximum length of a block is 3 tokens, expected at least 4");
    assertThatThrownBy(() -> new BlockSettings(BlockKind.STREAM, 8, 1.5, SpanSource.NONE, 1))
        .hasMessage("the share of short sequences is 1.5, expected 0 to 1");
    Path file = write("a");
    assertThatThrownBy(
            () -> new BlockReader(List.of(file), TOKENIZER, settings(BlockKind.PAIRS, 4)))
        .hasMessage(
            "the maximum length of a block is 4 tokens, expected at least 5, as 3 are special");
  }
}
