package org.mirror4j.fuzz;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.convert.WeightFiles;

/** Weights as others store them: PyTorch's two forms, ONNX and TensorFlow. */
final class WeightFormats {
  /** Opcodes, with arguments that ask for much. */
  private static final Mutator PICKLE =
      new ByteMutator(
          List.of(
              bytes('.'),
              bytes('('),
              bytes(')'),
              bytes('}'),
              bytes(']'),
              bytes('R'),
              bytes('b'),
              bytes('e'),
              bytes('u'),
              bytes('s'),
              bytes('t'),
              bytes('0'),
              bytes('1'),
              bytes('2'),
              bytes('N'),
              bytes('Q'),
              bytes(0x81),
              bytes(0x85),
              bytes(0x86),
              bytes(0x87),
              bytes(0x93),
              bytes(0x94),
              bytes('h', 0),
              bytes('q', 0),
              bytes('j', 255, 255, 255, 255),
              bytes('r', 255, 255, 255, 127),
              bytes('J', 255, 255, 255, 255),
              bytes('X', 255, 255, 255, 255),
              bytes('X', 255, 255, 255, 127),
              bytes(0x8a, 255),
              bytes(0x8a, 8, 255, 255, 255, 255, 255, 255, 255, 127),
              bytes(0x8b, 255, 255, 255, 127),
              bytes(0x8d, 255, 255, 255, 255, 255, 255, 255, 127),
              bytes(0x95, 255, 255, 255, 255, 255, 255, 255, 255),
              "cos\nsystem\n".getBytes(StandardCharsets.US_ASCII),
              "ccollections\nOrderedDict\n".getBytes(StandardCharsets.US_ASCII),
              "ctorch._utils\n_rebuild_tensor_v2\n".getBytes(StandardCharsets.US_ASCII),
              "I99999999999999999999\n".getBytes(StandardCharsets.US_ASCII)));

  private static final String INDEX = "m.ckpt.index";

  private WeightFormats() {}

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  static List<FuzzTarget> all() {
    return List.of(
        new ReaderTarget(
            "pytorch-zip",
            () ->
                List.of(
                    FuzzInput.of("m.bin", ZipMutator.repack(WeightFiles.pytorchZip(), false)),
                    FuzzInput.of("m.bin", ZipMutator.repack(WeightFiles.pytorchZip(), true))),
            file -> List.of(new ZipMutator(PICKLE), new ZipMutator(PICKLE), ByteMutator.PLAIN),
            ReaderTarget.ofFiles(d -> WeightFiles.readPytorch(d.resolve("m.bin"))),
            CheckpointFormats.REFUSALS,
            false),
        new ReaderTarget(
            "pytorch-legacy",
            () -> List.of(FuzzInput.of("m.bin", WeightFiles.pytorchLegacy())),
            file -> List.of(PICKLE, PICKLE, ByteMutator.PLAIN),
            ReaderTarget.ofFiles(d -> WeightFiles.readPytorch(d.resolve("m.bin"))),
            CheckpointFormats.REFUSALS,
            false),
        new ReaderTarget(
            "onnx",
            () ->
                List.of(
                    FuzzInput.of("m.onnx", WeightFiles.onnx(Seeds.config(BertConfig.Family.BERT)))),
            file -> List.of(new ProtobufMutator(), new ProtobufMutator(), ByteMutator.PLAIN),
            ReaderTarget.ofFiles(d -> WeightFiles.readOnnx(d.resolve("m.onnx"))),
            CheckpointFormats.REFUSALS,
            false),
        new ReaderTarget(
            "tensorflow",
            () -> List.of(checkpoint(1), checkpoint(3)),
            file ->
                file.endsWith(".index")
                    ? List.of(new TableMutator(), new TableMutator(), ByteMutator.PLAIN)
                    : List.of(ByteMutator.PLAIN),
            ReaderTarget.ofFiles(WeightFiles::readTensorFlow),
            CheckpointFormats.REFUSALS,
            false),
        // The index alone is damaged: what it says is of files that are right.
        new ReaderTarget(
            "tensorflow-index",
            () -> List.of(index(1), index(3)),
            file -> List.of(new TableMutator(), new TableMutator(), ByteMutator.PLAIN),
            WeightFormats::readIndex,
            CheckpointFormats.REFUSALS,
            false),
        // What an archive of any size is read with is 64 KiB and those of its entries.
        new ReaderTarget(
            "tensorflow-zip",
            () -> List.of(archive(false), archive(true)),
            file -> List.of(new ZipMutator(new TableMutator()), ByteMutator.PLAIN),
            ReaderTarget.ofFiles(WeightFormats::readArchive),
            CheckpointFormats.REFUSALS,
            false));
  }

  private static FuzzInput checkpoint(int shards) {
    FuzzInput input = new FuzzInput(new LinkedHashMap<>());
    for (Map.Entry<String, byte[]> file : checkpointFiles(shards).entrySet()) {
      input = input.with(file.getKey(), file.getValue());
    }
    return input;
  }

  private static Map<String, byte[]> checkpointFiles(int shards) {
    return WeightFiles.tensorFlow(Seeds.config(BertConfig.Family.BERT), "m.ckpt", shards);
  }

  private static FuzzInput index(int shards) {
    return FuzzInput.of(INDEX, checkpointFiles(shards).get(INDEX));
  }

  /** The values of either seed lie beside it: the names of their files say how many there are. */
  private static void readIndex(FuzzInput input, Path directory) throws IOException {
    checkpoint(1).write(directory);
    checkpoint(3).write(directory);
    input.write(directory);
    WeightFiles.readTensorFlow(directory);
  }

  /** A jar with an archive in it. */
  private static FuzzInput archive(boolean deflate) {
    Map<String, byte[]> files = checkpointFiles(1);
    files.put("assets/vocab.txt", bytes('a', 'b'));
    byte[] inner = WeightFiles.zip(files, !deflate);
    return FuzzInput.of("m.jar", WeightFiles.zip(Map.of("models/m", inner), deflate));
  }

  private static void readArchive(Path directory) throws IOException {
    Path unpacked = Files.createDirectory(directory.resolve("unpacked"));
    WeightFiles.unpackTensorFlow(directory.resolve("m.jar"), unpacked);
    WeightFiles.readTensorFlow(unpacked);
  }
}
