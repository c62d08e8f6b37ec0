package org.mirror4j.optim;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Optimizer;
import org.mirror4j.tensor.ParameterTable;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * AdamW (Loshchilov and Hutter 2019) and its variants over flat buffers. An update is part of a
 * step of {@link Optimization}, which measures and scales the gradients.
 */
public final class AdamW {
  /**
   * Which of the variants this is, and its constants.
   *
   * @param biasCorrection none or where
   * @param beta1 decay of the first moment
   * @param beta2 decay of the second moment
   * @param epsilon added to the root of the second moment
   * @param weightDecay decoupled, times the learning rate
   * @param decaysAll whether parameters decay too that are declared not to, biases and those of
   *     LayerNorm
   */
  public record Settings(
      BiasCorrection biasCorrection,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      boolean decaysAll) {
    /**
     * AdamWeightDecayOptimizer of Google's BERT and of BERT-flow, BertAdam of SpanBERT's
     * fine-tuning: no bias correction, no decay of biases and LayerNorm.
     */
    public static Settings bert(double weightDecay) {
      return new Settings(BiasCorrection.NONE, 0.9, 0.999, 1e-6, weightDecay, false);
    }

    /** Adam without decay as TensorFlow has it: what SpanBERT's heads of coreference learn by. */
    public static Settings adam() {
      return new Settings(BiasCorrection.STEP_SIZE, 0.9, 0.999, 1e-8, 0, false);
    }
  }

  /**
   * Parameters that are updated alike.
   *
   * @param names whether a parameter is one of them
   * @param schedule the learning rate of each step
   */
  public record Group(Predicate<String> names, Settings settings, LearningRateSchedule schedule) {}

  private final Device device;
  private final ParameterTable table;
  private final List<Group> groups;
  private final Optional<ParameterTable.Entry> lookedUp;

  /** Of the looked-up matrix; null where there is none. */
  private TouchedRows touched;

  private final List<UpdatedPart> parts = new ArrayList<>();
  private final Tensor parameters;
  private final Tensor stored;
  private final Tensor gradients;
  private final Tensor firstMoment;
  private final Tensor secondMoment;

  /**
   * Plans the moments, which start at zero.
   *
   * @param device null when {@code workspace} only counts
   * @param table layout of all buffers
   * @param parameters flat
   * @param stored the parameters in the storage type, written with them; may be {@code parameters}
   * @param gradients flat
   * @param schedule the learning rate of each step
   */
  public AdamW(
      Device device,
      Workspace workspace,
      ParameterTable table,
      Tensor parameters,
      Tensor stored,
      Tensor gradients,
      Settings settings,
      LearningRateSchedule schedule) {
    this(
        device,
        workspace,
        table,
        parameters,
        stored,
        gradients,
        List.of(new Group(name -> true, settings, schedule)),
        Optional.empty());
  }

  /**
   * Plans the moments, which start at zero, of parameters that are not all updated alike.
   *
   * @param groups of which each parameter is in one
   * @param lookedUp name of a matrix of which a step reads some rows, and whose gradient is zero in
   *     all others. It takes no time for rows that no step has read, and before a step reads rows
   *     they have to be named to {@link #touch}; the bits are the same, where there are several
   *     groups those of a norm that is added up from more parts
   */
  public AdamW(
      Device device,
      Workspace workspace,
      ParameterTable table,
      Tensor parameters,
      Tensor stored,
      Tensor gradients,
      List<Group> groups,
      Optional<String> lookedUp) {
    this.device = device;
    this.table = table;
    this.groups = groups;
    this.parameters = parameters;
    this.stored = stored;
    this.gradients = gradients;
    this.lookedUp = lookedUp.map(table::entry);
    firstMoment = workspace.f32("firstMoment", table.size());
    secondMoment = workspace.f32("secondMoment", table.size());
    if (groups.size() == 1) {
      // What lies between parameters too.
      part(workspace, groups.getFirst(), true, 0, table.decayingSize());
      part(workspace, groups.getFirst(), false, table.decayingSize(), table.size());
    } else {
      partByGroups(workspace);
    }
    if (device != null) {
      device.kernels().memory().fill(firstMoment, 0);
      device.kernels().memory().fill(secondMoment, 0);
    }
  }

  /** Neighbours of one group that decay, or do not, together. */
  private void partByGroups(Workspace workspace) {
    Group group = null;
    boolean decays = false;
    long from = 0;
    long to = 0;
    for (ParameterTable.Entry entry : table.entries()) {
      Group next = group(entry.name());
      if (next != group || entry.parameter().decays() != decays) {
        part(workspace, group, decays, from, to);
        group = next;
        decays = entry.parameter().decays();
        from = entry.offset();
      }
      to = entry.offset() + entry.shape().size();
    }
    part(workspace, group, decays, from, to);
  }

  private Group group(String name) {
    List<Group> in = groups.stream().filter(group -> group.names.test(name)).toList();
    if (in.size() != 1) {
      throw new IllegalArgumentException(
          "parameter %s is in %d groups, expected one".formatted(name, in.size()));
    }
    return in.getFirst();
  }

  /** With the looked-up matrix, where it is among them, as a part of its own. */
  private void part(Workspace workspace, Group group, boolean decays, long from, long to) {
    if (group == null) {
      return;
    }
    if (lookedUp.isEmpty() || lookedUp.get().offset() < from || lookedUp.get().offset() >= to) {
      part(group, decays, from, to);
      return;
    }
    ParameterTable.Entry entry = lookedUp.get();
    if (!(group.settings.epsilon > 0)) {
      throw new IllegalArgumentException(
          "epsilon is %s, expected more than 0 where rows are looked up: 0 / 0 is no number"
              .formatted(group.settings.epsilon));
    }
    long end = entry.offset() + entry.shape().size();
    part(group, decays, from, entry.offset());
    Optimizer.AdamW operands = operands(group, entry.name(), entry.offset(), entry.shape());
    touched = new TouchedRows(device, workspace, operands);
    parts.add(new UpdatedPart(group, operands, decays, touched));
    part(group, decays, end, to);
  }

  private void part(Group group, boolean decays, long from, long to) {
    if (to > from) {
      String name = decays ? "decaying" : "others";
      Shape shape = Shape.of(Math.toIntExact(to - from));
      parts.add(new UpdatedPart(group, operands(group, name, from, shape), decays, null));
    }
  }

  private Optimizer.AdamW operands(Group group, String name, long from, Shape shape) {
    Tensor updated = parameters.view("parameters." + name, from, shape);
    return new Optimizer.AdamW(
        updated,
        stored == parameters ? updated : stored.view("storedParameters." + name, from, shape),
        gradients.view("gradients." + name, from, shape),
        firstMoment.view("firstMoment." + name, from, shape),
        secondMoment.view("secondMoment." + name, from, shape),
        (float) group.settings.beta1,
        (float) group.settings.beta2,
        (float) group.settings.epsilon);
  }

  /** m, flat; a checkpoint holds it. */
  public Tensor firstMoment() {
    return firstMoment;
  }

  /** v, flat; a checkpoint holds it. */
  public Tensor secondMoment() {
    return secondMoment;
  }

  /** The learning rate of a step, of the first group. */
  public double rate(int step) {
    return groups.getFirst().schedule.rate(step);
  }

  /** What is updated alike. */
  List<Group> groups() {
    return groups;
  }

  ParameterTable table() {
    return table;
  }

  /** All gradients, flat. */
  Tensor gradients() {
    return gradients;
  }

  /** The gradients of a group, together all of them. */
  List<Tensor> gradients(Group group) {
    return groups.size() == 1
        ? List.of(gradients)
        : parts.stream()
            .filter(part -> part.group() == group)
            .map(part -> part.operands().gradients())
            .toList();
  }

  /**
   * Updates parameters and moments of a group.
   *
   * @param step whose learning rate is taken
   * @param number of the update, counts from 1
   * @param gradientScale what the gradients are multiplied by
   */
  void update(Group group, int step, int number, double gradientScale) {
    // By number: an iterator would be taken from the heap in each step.
    for (int i = 0; i < parts.size(); i++) {
      if (parts.get(i).group() == group) {
        parts.get(i).update(device, step, number, (float) gradientScale);
      }
    }
  }

  /**
   * Names rows of the looked-up matrix that a step is about to read. Without one it does nothing.
   *
   * @param rows in any order, perhaps repeated
   */
  public void touch(int[] rows) {
    if (touched != null) {
      touched.touch(rows);
    }
  }

  /** Brings rows up to date that no step has read: before anything but a step reads parameters. */
  public void settle() {
    if (touched != null) {
      touched.settle();
    }
  }

  /**
   * Overwrites the moments, whose parameters are up to date.
   *
   * @param first m, flat
   * @param second v, flat
   */
  public void recall(MemorySegment first, MemorySegment second) {
    device.upload(firstMoment, first);
    device.upload(secondMoment, second);
    if (touched != null) {
      long from = Float.BYTES * lookedUp.get().offset();
      long bytes = Float.BYTES * lookedUp.get().shape().size();
      touched.recall(first.asSlice(from, bytes), second.asSlice(from, bytes));
    }
  }
}
