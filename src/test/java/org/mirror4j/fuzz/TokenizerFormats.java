package org.mirror4j.fuzz;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.tensor.Allocator;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;

/** The files of tokenizers, and whole models with one. A native library reads them. */
final class TokenizerFormats {
  private static final Set<Class<? extends Exception>> REFUSALS =
      Set.of(TextException.class, FileException.class, IllegalArgumentException.class);

  private static final Set<Class<? extends Exception>> MODEL_REFUSALS =
      Set.of(
          TextException.class,
          FileException.class,
          IllegalArgumentException.class,
          Allocator.OutOfMemoryException.class);

  private static final List<String> VOCABULARY =
      List.of(
          "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "the", "cat", "sat", "##s", "a", "b", "##b",
          "c", "\u00e9", "\u4e2d", ",", ".", "!");

  private static final List<String> TEXTS =
      List.of("The cat sat, abc [MASK] \u00e9\u4e2d!", "", "aaaa".repeat(50), "\ud83d\ude00 cats.");

  private static final String BYTE_LEVEL_VOCABULARY =
      "{\"<s>\":0,\"<pad>\":1,\"</s>\":2,\"<unk>\":3,\"<mask>\":4,\"l\":5,\"o\":6,\"w\":7,\"e\":8,\"r\":9,\"\u0120\":10,\"lo\":11,\"low\":12,\"er\":13,\"\u0120low\":14}";

  private static final String BYTE_LEVEL_MERGES = "#version: 0.2\nl o\nlo w\ne r\n\u0120 low\n";

  private TokenizerFormats() {}

  static List<FuzzTarget> all() {
    return List.of(
        target("tokenizer-json", TokenizerFormats::json),
        target("tokenizer-vocabulary", TokenizerFormats::vocabulary),
        target("tokenizer-merges", TokenizerFormats::merges),
        new ReaderTarget(
            "model",
            TokenizerFormats::models,
            TokenizerFormats::mutators,
            ReaderTarget.ofFiles(TokenizerFormats::readModel),
            MODEL_REFUSALS,
            true));
  }

  private static FuzzTarget target(String name, Supplier<List<FuzzInput>> seeds) {
    return new ReaderTarget(
        name,
        seeds,
        TokenizerFormats::mutators,
        ReaderTarget.ofFiles(TokenizerFormats::read),
        REFUSALS,
        true);
  }

  private static List<Mutator> mutators(String file) {
    return file.endsWith(".txt")
        ? List.of(new TextMutator("[UNK]", "##a", "#version: 0.2", "a b"), ByteMutator.PLAIN)
        : CheckpointFormats.mutators(file);
  }

  /** What the project writes. */
  private static List<FuzzInput> json() {
    List<FuzzInput> seeds = new ArrayList<>();
    for (boolean lowerCase : new boolean[] {true, false}) {
      seeds.add(
          Seeds.written(
              directory -> {
                try (Tokenizer tokenizer = Tokenizer.wordPiece(VOCABULARY, lowerCase)) {
                  tokenizer.save(directory);
                }
                Files.delete(directory.resolve("vocab.txt"));
              }));
    }
    seeds.add(
        Seeds.written(
            directory -> {
              Path from = Files.createDirectory(directory.resolve("from"));
              merges().getFirst().write(from);
              try (Tokenizer tokenizer = Tokenizer.open(from)) {
                tokenizer.save(directory);
              }
              for (String name : List.of("vocab.json", "merges.txt")) {
                Files.delete(directory.resolve(name));
                Files.delete(from.resolve(name));
              }
              for (String name : merges().getFirst().names()) {
                Files.deleteIfExists(from.resolve(name));
              }
            }));
    return seeds;
  }

  private static List<FuzzInput> vocabulary() {
    FuzzInput plain = FuzzInput.of("vocab.txt", String.join("\n", VOCABULARY) + "\n");
    return List.of(
        plain,
        plain
            .with(
                "tokenizer_config.json",
                "{\"do_lower_case\":false,\"tokenize_chinese_chars\":true,\"strip_accents\":null,\"model_max_length\":512,\"tokenizer_class\":\"BertTokenizer\"}")
            .with(
                "special_tokens_map.json",
                "{\"unk_token\":\"[UNK]\",\"sep_token\":\"[SEP]\",\"pad_token\":\"[PAD]\",\"cls_token\":\"[CLS]\",\"mask_token\":{\"content\":\"[MASK]\",\"lstrip\":false,\"normalized\":true,\"rstrip\":false,\"single_word\":false}}")
            .with("added_tokens.json", "{\"newtoken\":18}"));
  }

  private static List<FuzzInput> merges() {
    FuzzInput plain =
        FuzzInput.of("vocab.json", BYTE_LEVEL_VOCABULARY).with("merges.txt", BYTE_LEVEL_MERGES);
    return List.of(
        plain.with(
            "tokenizer_config.json",
            "{\"add_prefix_space\":false,\"model_max_length\":512,\"tokenizer_class\":\"RobertaTokenizer\"}"),
        plain.with("special_tokens_map.json", "{\"bos_token\":\"<s>\",\"mask_token\":\"<mask>\"}"));
  }

  private static void read(Path directory) throws Exception {
    try (Tokenizer tokenizer = Tokenizer.open(directory)) {
      use(tokenizer);
      tokenizer.save(Files.createDirectory(directory.resolve("saved")));
    }
  }

  private static void use(Tokenizer tokenizer) {
    for (String text : TEXTS) {
      for (int id : tokenizer.encode(text, 20)) {
        tokenizer.token(id);
        tokenizer.continuesWord(id);
      }
      tokenizer.encodePieces(text);
    }
    tokenizer.encodeAll(TEXTS, 8);
    tokenizer.token(tokenizer.maskId());
    tokenizer.token(tokenizer.padId());
    tokenizer.vocabSize();
  }

  private static List<FuzzInput> models() {
    BertConfig config = Seeds.config(BertConfig.Family.BERT);
    FuzzInput files = vocabulary().getLast();
    return List.of(
        files
            .with("config.json", JsonFiles.bytes(config.toJson(false)))
            .with("model.safetensors", Seeds.weights(config))
            .with("mirror4j.json", "{\"format\":1,\"pooling\":\"mean\",\"max_length\":30}"));
  }

  /** As the command that embeds does. */
  private static void readModel(Path path) {
    try (HostDevice device = new HostDevice(1);
        Workspace workspace = new Workspace(device)) {
      ModelDirectory directory = ModelDirectory.open(path);
      directory.settings();
      BertConfig config = BertConfig.parse(directory.config());
      try (Tokenizer tokenizer = Tokenizer.open(path);
          SafeTensors weights = directory.weights()) {
        BertModel.load(device, workspace, config, weights);
        use(tokenizer);
      }
    }
  }
}
