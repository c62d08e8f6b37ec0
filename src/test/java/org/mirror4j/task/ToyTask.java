package org.mirror4j.task;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.mirror4j.bert.BatchSize;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.device.Device;
import org.mirror4j.objective.TaskObjective;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.PackedBatch;
import org.mirror4j.text.TokenizedText;
import org.mirror4j.text.Tokenizer;

/**
 * A task of a few texts, of whatever is drawn for them.
 *
 * @param classes of {@link ToyHead#CLASSES} and {@link ToyHead#TOKENS}
 */
public record ToyTask(ToyHead head, int classes, Data training, Optional<Data> scored)
    implements FineTunedTask<int[]> {
  /** A text and what is to be predicted of it, see {@link ToyHead}. */
  private record Example(TokenizedText text, int[] targets) {}

  /** Examples of a head. */
  public record Data(ToyHead head, List<Example> all) implements Examples<int[]> {
    /**
     * Tokenised texts with random targets. Nothing is asked of special tokens, nor of every seventh
     * example of classes.
     */
    public static Data of(
        ToyHead head,
        int classes,
        List<String> texts,
        Tokenizer tokenizer,
        int maxLength,
        long seed) {
      Random random = new Random(seed);
      List<Example> all = new ArrayList<>();
      for (String text : texts) {
        TokenizedText tokens = tokenizer.encodeText(text, maxLength);
        all.add(new Example(tokens, targets(head, classes, tokens, all.size(), random)));
      }
      return new Data(head, List.copyOf(all));
    }

    private static int[] targets(
        ToyHead head, int classes, TokenizedText text, int number, Random random) {
      return switch (head) {
        case CLASSES -> new int[] {number % 7 == 6 ? -1 : random.nextInt(classes)};
        case TOKENS ->
            IntStream.of(text.texts())
                .map(of -> of == TokenizedText.SPECIAL ? -1 : random.nextInt(classes))
                .toArray();
        case ANSWERS -> {
          int start = random.nextInt(text.length());
          yield new int[] {start, start + random.nextInt(text.length() - start)};
        }
      };
    }

    @Override
    public int size() {
      return all.size();
    }

    @Override
    public TokenizedText text(int example) {
      return all.get(example).text;
    }

    @Override
    public int[] targets(int[] examples, PackedBatch packed) {
      return Arrays.stream(examples)
          .flatMap(example -> Arrays.stream(all.get(example).targets))
          .toArray();
    }

    @Override
    public int predictions(int example) {
      return head == ToyHead.ANSWERS ? 1 : asked(example);
    }

    /** How many targets of an example its logits say: where the largest of each is. */
    private int right(int example, float[] logits, int first, int rows, int columns) {
      int[] targets = all.get(example).targets;
      return (int)
          IntStream.range(0, targets.length)
              .filter(
                  i ->
                      targets[i]
                          == (head == ToyHead.ANSWERS
                              ? largest(logits, first * columns + i, rows, columns)
                              : largest(logits, (first + i) * columns, columns, 1)))
              .count();
    }

    private int asked(int example) {
      return (int) Arrays.stream(all.get(example).targets).filter(target -> target >= 0).count();
    }

    private static int largest(float[] values, int from, int count, int step) {
      int largest = 0;
      for (int i = 1; i < count; i++) {
        largest = values[from + i * step] > values[from + largest * step] ? i : largest;
      }
      return largest;
    }
  }

  /** The share of the targets that are right. */
  private record Score(Data examples, int columns) implements Evaluation<int[]> {
    @Override
    public Collector begin() {
      return new Collector() {
        private int right;
        private int asked;

        @Override
        public void add(int[] numbers, PackedBatch packed, float[] logits) {
          for (int i = 0; i < numbers.length; i++) {
            int row = packed.cuSeqlens()[i];
            int rows = packed.cuSeqlens()[i + 1] - row;
            int first = examples.head == ToyHead.CLASSES ? i : row;
            right += examples.right(numbers[i], logits, first, rows, columns);
            asked += examples.asked(numbers[i]);
          }
        }

        @Override
        public SequencedMap<String, Double> scores() {
          SequencedMap<String, Double> scores = new LinkedHashMap<>();
          scores.put("right", 100.0 * right / asked);
          scores.put("asked", (double) asked);
          return scores;
        }
      };
    }
  }

  /** A task without data, for its head. */
  public static ToyTask of(ToyHead head, int classes) {
    return new ToyTask(head, classes, new Data(head, List.of()), Optional.empty());
  }

  @Override
  public Optional<Evaluation<int[]>> development() {
    return scored.map(data -> new Score(data, head.logitsOf(classes)));
  }

  @Override
  public ParameterTable.Block[] head(BertConfig config) {
    return head.blocks(config, classes);
  }

  @Override
  public TaskObjective<int[]> objective(
      Device device, Workspace workspace, BertModel model, Tensor gradients, BatchSize size) {
    return head.objective(device, workspace, model, classes, gradients, size);
  }

  @Override
  public String className() {
    return head.className();
  }

  @Override
  public void configure(ObjectNode config) {
    ObjectNode labels = config.putObject("id2label");
    for (int i = 0; i < head.logitsOf(classes); i++) {
      labels.put(Integer.toString(i), "label " + i);
    }
  }
}
