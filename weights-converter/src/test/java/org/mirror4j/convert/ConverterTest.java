package org.mirror4j.convert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.WeightMap;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.checkpoint.SafeTensorsWriter;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.tensor.DType;
import org.mirror4j.tensor.Shape;
import org.mirror4j.text.TextException;

class ConverterTest {
  private static final String WORDS = "embeddings.word_embeddings.weight";
  private static final BertConfig CONFIG =
      new BertConfig(BertConfig.Family.BERT, 8, 6, 2, 3, 10, 16, 2, 1e-12f, GeluForm.ERF, 0.02f, 0);

  @TempDir Path directory;
  private Path in;
  private Path out;

  /** The tensors of the source, by the name there; tests change them before they are written. */
  private Map<String, TensorEntry> tensors;

  @BeforeEach
  void makeSource() throws IOException {
    in = Files.createDirectory(directory.resolve("in"));
    out = directory.resolve("out");
    Files.writeString(in.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##c\n");
    writeConfig(CONFIG.toJson(false));
    tensors = new LinkedHashMap<>();
    BertModel.table(CONFIG).entries().forEach(entry -> add(entry.name(), entry.shape()));
  }

  @Test
  void everyFormatGivesTheSameFile() throws IOException {
    writeSafeTensors("model.safetensors", tensors.values());
    Converter.Result result = Converter.convert(in, out);
    assertThat(result.config()).isEqualTo(CONFIG);
    assertThat(result.maskedLanguageModel()).isFalse();
    assertThat(result.ignored()).isEmpty();
    try (SafeTensors weights = ModelDirectory.open(out).weights()) {
      assertThat(weights.names()).containsExactlyElementsOf(tensors.keySet());
      tensors.forEach(
          (name, entry) -> {
            MemorySegment values = MemorySegment.ofArray(new float[(int) entry.shape().size()]);
            weights.readFloats(name, values);
            assertThat(values.mismatch(entry.values())).isEqualTo(-1);
          });
    }
    Files.delete(in.resolve("model.safetensors"));

    List<TensorEntry> all = new ArrayList<>(tensors.values());
    writeSafeTensors("one.safetensors", all.subList(0, 7));
    writeSafeTensors("two.safetensors", all.subList(7, all.size()));
    ObjectNode index = JsonFiles.object();
    ObjectNode places = index.putObject("weight_map");
    for (int i = 0; i < all.size(); i++) {
      places.put(all.get(i).name(), (i < 7 ? "one" : "two") + ".safetensors");
    }
    Path indexFile = in.resolve("model.safetensors.index.json");
    Files.write(indexFile, JsonFiles.bytes(index));
    expectSameWeights("sharded");
    Files.delete(indexFile);

    Files.write(in.resolve("pytorch_model.bin"), torch().zip());
    expectSameWeights("zip");
    Files.write(in.resolve("pytorch_model.bin"), torch().legacy());
    expectSameWeights("legacy");
    assertThatThrownBy(() -> ModelDirectory.open(in).weights())
        .hasMessageContaining("run 'mirror4j convert'");
  }

  @Test
  void licenceAndNoticeGoWithTheModel() throws IOException {
    writeSafeTensors("model.safetensors", tensors.values());
    Files.writeString(in.resolve("LICENSE.txt"), "terms");
    Files.writeString(in.resolve("NOTICE"), "thanks");
    Converter.convert(in, out);
    assertThat(out.resolve("LICENSE.txt")).hasContent("terms");
    assertThat(out.resolve("NOTICE")).hasContent("thanks");
  }

  @Test
  void oldNamesAndPrefixesAreMapped() throws IOException {
    writeSafeTensors("model.safetensors", tensors.values());
    Converter.convert(in, out);
    List<TensorEntry> old = new ArrayList<>();
    for (TensorEntry entry : tensors.values()) {
      String name =
          entry
              .name()
              .replace("LayerNorm.weight", "LayerNorm.gamma")
              .replace("LayerNorm.bias", "LayerNorm.beta");
      old.add(new TensorEntry("bert." + name, DType.F32, entry.shape(), entry.values()));
    }
    old.add(ids("bert.embeddings.position_ids"));
    old.add(entry("cls.seq_relationship.weight", Shape.of(2, 6)));
    old.add(entry("classifier.bias", Shape.of(2)));
    writeSafeTensors("model.safetensors", old);
    Path again = directory.resolve("again");
    Converter.Result result = Converter.convert(in, again);
    assertThat(result.ignored()).containsExactly("cls.seq_relationship.weight", "classifier.bias");
    assertThat(result.notes()).containsExactly("tensors not used: 'cls.*' (1), 'classifier.*' (1)");
    assertThat(again.resolve("model.safetensors"))
        .hasSameBinaryContentAs(out.resolve("model.safetensors"));
  }

  @Test
  void theHeadOfAMaskedLanguageModelIsKept() throws IOException {
    addHead();
    add("cls.predictions.decoder.weight", Shape.of(8, 6));
    add("pooler.dense.weight", Shape.of(6, 6));
    add("pooler.dense.bias", Shape.of(6));
    writeSafeTensors("model.safetensors", tensors.values());
    Converter.Result result = Converter.convert(in, out);
    assertThat(result.maskedLanguageModel()).isTrue();
    assertThat(result.ignored()).containsExactly("cls.predictions.decoder.weight");
    ModelDirectory model = ModelDirectory.open(out);
    assertThat(model.config().path("architectures").path(0).asText()).isEqualTo("BertForMaskedLM");
    try (SafeTensors weights = model.weights()) {
      assertThat(weights.names())
          .contains("bert." + WORDS, "bert.pooler.dense.bias", "cls.predictions.bias")
          .doesNotContain(WORDS, "cls.predictions.decoder.weight");
    }
    assertThat(result.nextSentence()).isFalse();
    // Both heads are what BERT was pretrained with, one of them alone is not enough for a class.
    add("cls.seq_relationship.weight", Shape.of(2, 6));
    add("cls.seq_relationship.bias", Shape.of(2));
    writeSafeTensors("model.safetensors", tensors.values());
    Path both = directory.resolve("both");
    result = Converter.convert(in, both);
    assertThat(result.nextSentence()).isTrue();
    assertThat(result.notes()).isEmpty();
    assertThat(result.json().path("architectures").path(0).asText())
        .isEqualTo("BertForPreTraining");
    try (SafeTensors weights = ModelDirectory.open(both).weights()) {
      assertThat(weights.names()).contains("cls.seq_relationship.weight", "cls.predictions.bias");
      assertThat(WeightMap.of(weights, CONFIG).notes()).isEmpty();
    }
    // With a decoder of its own the head cannot be represented, the encoder can.
    writeConfig(CONFIG.toJson(true).put("tie_word_embeddings", false));
    Converter.Result untied = Converter.convert(in, directory.resolve("untied"));
    assertThat(untied.maskedLanguageModel()).isFalse();
    assertThat(untied.ignored()).hasSize(8).allMatch(name -> name.startsWith("cls."));
  }

  @Test
  void theBiasOfTheDecoderStandsForTheOneOfTheHead() throws IOException {
    addHead();
    TensorEntry bias = tensors.remove("cls.predictions.bias");
    tensors.put(
        "cls.predictions.decoder.bias",
        new TensorEntry("cls.predictions.decoder.bias", DType.F32, bias.shape(), bias.values()));
    writeSafeTensors("model.safetensors", tensors.values());
    Converter.convert(in, out);
    try (SafeTensors weights = ModelDirectory.open(out).weights()) {
      MemorySegment values = MemorySegment.ofArray(new float[8]);
      weights.readFloats("cls.predictions.bias", values);
      assertThat(values.mismatch(bias.values())).isEqualTo(-1);
    }
  }

  /** The directory that embed reads is the one that convert reads. */
  @Test
  void headsOfOthersAndModulesAroundChangeNothing() throws IOException {
    writeSafeTensors("model.safetensors", tensors.values());
    Converter.convert(in, out);
    List<TensorEntry> wrapped = new ArrayList<>();
    tensors.forEach(
        (name, entry) ->
            wrapped.add(
                new TensorEntry("module.bert." + name, DType.F32, entry.shape(), entry.values())));
    wrapped.add(entry("module.mlp.dense.weight", Shape.of(6, 6)));
    writeSafeTensors("model.safetensors", wrapped);
    Path other = directory.resolve("other");
    Converter.Result result = Converter.convert(in, other);
    assertThat(result.ignored()).containsExactly("module.mlp.dense.weight");
    assertThat(other.resolve("model.safetensors"))
        .hasSameBinaryContentAs(out.resolve("model.safetensors"));
  }

  @Test
  void whatTheConfigurationSaidStaysInIt() throws IOException {
    writeSafeTensors("model.safetensors", tensors.values());
    ObjectNode config = CONFIG.toJson(true).put("dtype", "float16").put("torch_dtype", "float16");
    config.putObject("id2label").put("0", "no");
    config.putNull("pad_token_id").put("num_hidden_layers", 1);
    writeConfig(config);
    Converter.Result result = Converter.convert(in, out);
    assertThat(result.ignored()).hasSize(16);
    ObjectNode written = ModelDirectory.open(out).config();
    config.remove("torch_dtype");
    config.put("dtype", "float32").putArray("architectures").add("BertModel");
    assertThat(written).isEqualTo(config);
  }

  /** A head of which a part is missing is of no use, but the encoder is. */
  @Test
  void partOfAHeadIsNotKept() throws IOException {
    addHead();
    tensors.remove("cls.predictions.transform.dense.bias");
    writeSafeTensors("model.safetensors", tensors.values());
    Converter.Result result = Converter.convert(in, out);
    assertThat(result.maskedLanguageModel()).isFalse();
    assertThat(result.ignored()).hasSize(4).allMatch(name -> name.startsWith("cls."));
  }

  @Test
  void poolingAndLengthOfSentenceTransformersAreKept() throws IOException {
    writeSafeTensors("model.safetensors", tensors.values());
    Files.createDirectory(in.resolve("1_Pooling"));
    Files.writeString(in.resolve("1_Pooling/config.json"), "{\"pooling_mode_mean_tokens\":true}");
    Files.writeString(in.resolve("sentence_bert_config.json"), "{\"max_seq_length\":12}");
    Converter.convert(in, out);
    assertThat(ModelDirectory.open(out).settings().pooling()).contains("mean");
    assertThat(ModelDirectory.open(out).settings().maxLength()).hasValue(12);
  }

  @Test
  void everyDifferenceIsNamedAtOnceAndNothingIsWritten() throws IOException {
    tensors.remove("embeddings.LayerNorm.bias");
    add(WORDS, Shape.of(9, 6));
    add("encoder.layer.0.attention.self.distance_embedding.weight", Shape.of(31, 2));
    TensorEntry doubled = tensors.get("encoder.layer.1.output.dense.bias");
    tensors.put(
        "bert.encoder.layer.1.output.dense.bias",
        new TensorEntry(
            "bert.encoder.layer.1.output.dense.bias",
            DType.F32,
            doubled.shape(),
            doubled.values()));
    writeSafeTensors("model.safetensors", tensors.values());
    expectFailure(
        "'encoder.layer.1.output.dense.bias', 'bert.encoder.layer.1.output.dense.bias' are"
            + " candidates for 'encoder.layer.1.output.dense.bias', expected one tensor");
    tensors.remove("bert.encoder.layer.1.output.dense.bias");
    writeSafeTensors("model.safetensors", tensors.values());
    expectFailure(
        "weights do not fit config.json: 'embeddings.word_embeddings.weight' is [9,6], expected"
            + " [8,6]; embeddings.LayerNorm.bias is missing, expected [6]; and 1 more");
    add(WORDS, Shape.of(8, 6));
    add("embeddings.LayerNorm.bias", Shape.of(6));
    writeSafeTensors("model.safetensors", tensors.values());
    expectFailure(
        "'encoder.layer.0.attention.self.distance_embedding.weight' [31,2] is no parameter");
  }

  @Test
  void weightsThatAreNotFiniteAreRefused() throws IOException {
    for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      TensorEntry entry = tensors.get("encoder.layer.1.output.dense.bias");
      float[] values = new float[6];
      values[4] = value;
      tensors.put(
          entry.name(),
          new TensorEntry(entry.name(), DType.F32, entry.shape(), MemorySegment.ofArray(values)));
      writeSafeTensors("model.safetensors", tensors.values());
      expectFailure("'encoder.layer.1.output.dense.bias': element 4 is " + value);
    }
  }

  @Test
  void configurationsThatDoNotFitAreRefused() throws IOException {
    writeSafeTensors("model.safetensors", tensors.values());
    writeConfig(CONFIG.toJson(false).put("num_hidden_layers", Integer.MAX_VALUE));
    expectFailure("config.json: num_hidden_layers is 2147483647, expected 1 to 1024");
    writeConfig(CONFIG.toJson(false).put("num_attention_heads", 4));
    expectFailure("config.json", "hidden_size is 6, expected a multiple of num_attention_heads");
    writeConfig(CONFIG.toJson(false).put("model_type", "t5"));
    expectFailure("config.json", "model_type is 't5'");
    writeConfig(CONFIG.toJson(false));
    Files.writeString(
        in.resolve("vocab.txt"), "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##c\n##d\n");
    assertThatThrownBy(() -> Converter.convert(in, out))
        .isInstanceOf(TextException.class)
        .hasMessage(
            in + ": the tokenizer has ids up to 8 ('##d'), but the word embeddings have 8 rows");
    Files.delete(in.resolve("vocab.txt"));
    assertThatThrownBy(() -> Converter.convert(in, out)).isInstanceOf(TextException.class);
    assertThat(out).doesNotExist();
  }

  @Test
  void inputsAndOutputsThatCannotBeAreRefused() throws IOException {
    Path absent = directory.resolve("absent");
    assertThatThrownBy(() -> Converter.convert(absent, out))
        .isInstanceOf(FileException.class)
        .hasMessage(absent + ": no such file or directory");
    Path text = Files.writeString(directory.resolve("model.txt"), "x");
    assertThatThrownBy(() -> Converter.convert(text, out))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("expected a model directory, a file NAME.onnx");
    assertThatThrownBy(
            () -> Converter.convert(in, in, new Converter.Options(OptionalInt.empty(), true)))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("would replace the input " + in);
    expectFailure("no model.safetensors");
    Files.writeString(in.resolve("pytorch_model.bin.index.json"), "{}");
    expectFailure("pytorch_model.bin in several files");
    Files.delete(in.resolve("pytorch_model.bin.index.json"));
    writeSafeTensors("model.safetensors", tensors.values());
    Converter.convert(in, out);
    expectRefused("exists already", Converter.Options.DEFAULT);
    Converter.convert(in, out, new Converter.Options(OptionalInt.empty(), true));
    Path onnx = Files.write(directory.resolve("m.onnx"), new byte[0]);
    assertThatThrownBy(() -> Converter.convert(onnx, directory.resolve("other")))
        .isInstanceOf(FileException.class)
        .hasMessageContaining("0 files end in tokenizer.json beside it");
  }

  private void expectFailure(String... parts) {
    assertThatThrownBy(() -> Converter.convert(in, out))
        .isInstanceOf(FileException.class)
        .hasMessageContainingAll(parts)
        .message()
        .doesNotContain("\n");
    assertThat(out).doesNotExist();
  }

  private void expectRefused(String part, Converter.Options options) {
    assertThatThrownBy(() -> Converter.convert(in, out, options))
        .isInstanceOf(FileException.class)
        .hasMessageContaining(part);
  }

  private void expectSameWeights(String name) {
    Path other = directory.resolve(name);
    Converter.convert(in, other);
    assertThat(other.resolve("model.safetensors"))
        .hasSameBinaryContentAs(out.resolve("model.safetensors"));
  }

  private TorchFile torch() {
    TorchFile file = new TorchFile();
    for (TensorEntry entry : tensors.values()) {
      List<Long> size = new ArrayList<>();
      for (int i = 0; i < entry.shape().rank(); i++) {
        size.add((long) entry.shape().dimension(i));
      }
      float[] values = (float[]) entry.values().heapBase().orElseThrow();
      file.floats(entry.name(), size, values);
    }
    return file;
  }

  private void addHead() {
    BertModel.table(CONFIG, PretrainingHeads.MASKED.blocks(CONFIG)).entries().stream()
        .filter(entry -> entry.name().startsWith("cls."))
        .forEach(entry -> add(entry.name(), entry.shape()));
  }

  private void add(String name, Shape shape) {
    tensors.put(name, entry(name, shape));
  }

  private static TensorEntry entry(String name, Shape shape) {
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = name.hashCode() % 100 + i / 16f;
    }
    return new TensorEntry(name, DType.F32, shape, MemorySegment.ofArray(values));
  }

  private static TensorEntry ids(String name) {
    return new TensorEntry(name, DType.I64, Shape.of(1), MemorySegment.ofArray(new long[1]));
  }

  private void writeConfig(ObjectNode config) throws IOException {
    Files.write(in.resolve("config.json"), JsonFiles.bytes(config));
  }

  private void writeSafeTensors(String file, Iterable<TensorEntry> entries) throws IOException {
    List<TensorEntry> list = new ArrayList<>();
    entries.forEach(list::add);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SafeTensorsWriter.write(Channels.newChannel(bytes), Map.of("format", "pt"), list);
    Files.write(in.resolve(file), bytes.toByteArray());
  }
}
