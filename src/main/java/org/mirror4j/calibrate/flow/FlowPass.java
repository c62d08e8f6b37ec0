package org.mirror4j.calibrate.flow;

import java.util.ArrayList;
import java.util.List;
import org.mirror4j.device.Device;
import org.mirror4j.device.operation.Flow;
import org.mirror4j.device.operation.Flow.Columns;
import org.mirror4j.tensor.Shape;
import org.mirror4j.tensor.Tensor;
import org.mirror4j.tensor.Workspace;

/**
 * Maps vectors u to their images z and back. A level hands the first half of what it gives to the
 * next one; what is done at its end is the second half: {@code z = [second half of level 1, of
 * level 2, ..., first half of the last level, its second half]}.
 */
public final class FlowPass {
  private final Device device;
  private final FlowArchitecture architecture;
  private final FlowParameters parameters;
  private final float[] hostLogScales;
  private final List<FlowStep> steps = new ArrayList<>();
  private final List<Tensor> resized = new ArrayList<>();
  private final Tensor vectors;
  private final Tensor latent;
  private final List<Tensor> pieces = new ArrayList<>();
  private final Tensor images;
  private final Tensor logDeterminant;
  private final float[] hostLogDeterminant;
  private int rows;

  /**
   * Plans the buffers.
   *
   * @param device null when {@code workspace} only counts
   * @param rows most vectors of a pass
   */
  public FlowPass(Device device, Workspace workspace, NormalizingFlow flow, int rows) {
    this.device = device;
    this.rows = rows;
    architecture = flow.architecture();
    parameters = flow.views(flow.parameters());
    hostLogScales = new float[parameters.logScales().rows()];
    int channels = architecture.channels();
    vectors = workspace.f32("vectors", rows, channels);
    images = workspace.f32("images", rows, channels);
    latent = workspace.f32("latent", Math.multiplyExact(rows, channels));
    logDeterminant = workspace.f32("logDeterminant", rows);
    hostLogDeterminant = new float[rows];
    Tensor none = workspace.f32("none", rows, 0);
    resized.addAll(List.of(vectors, images, logDeterminant, none));
    Columns input = new Columns(vectors, none);
    for (int i = 0; i < parameters.steps().size(); i++) {
      int level = i / architecture.depth();
      boolean endsLevel = i % architecture.depth() == architecture.depth() - 1;
      boolean ends = i == parameters.steps().size() - 1;
      int half = architecture.half(level);
      StepTensors tensors =
          StepTensors.plan(
              workspace,
              architecture,
              half,
              rows,
              ends ? piece(half) : workspace.f32("first", rows, half),
              endsLevel ? piece(half) : workspace.f32("coupled", rows, half));
      resized.addAll(tensors.all());
      FlowMixing mixing = null;
      if (architecture.permutation() == FlowPermutation.PLU) {
        Tensor sign = flow.constants().get(i).sign();
        mixing = new FlowMixing(device, workspace, parameters.steps().get(i), sign, rows);
        resized.addAll(mixing.resized());
      }
      steps.add(
          new FlowStep(
              device,
              architecture.coupling(),
              parameters.steps().get(i),
              flow.constants().get(i).order(),
              mixing,
              tensors,
              input));
      input = endsLevel ? new Columns(tensors.normalized().left(), none) : tensors.output();
    }
  }

  /** The next matrix of so many columns within the latent vectors. */
  private Tensor piece(int columns) {
    long offset = pieces.stream().mapToLong(piece -> (long) rows * piece.columns()).sum();
    pieces.add(latent.view("latent", offset, Shape.of(rows, columns)));
    return pieces.getLast();
  }

  /**
   * Maps vectors to their images.
   *
   * @param vectors f32[rows, channels]
   * @return f32[rows, channels], valid until the next call
   */
  public Tensor forward(Tensor vectors) {
    rows(vectors.rows());
    device.kernels().memory().copy(this.vectors, vectors);
    forward();
    int to = 0;
    for (Tensor piece : pieces) {
      device.kernels().row().copyColumns(images, to, piece, 0, piece.columns());
      to += piece.columns();
    }
    return images;
  }

  /** Maps {@link #vectors()}; the images are in {@link #latent()}, piece by piece. */
  void forward() {
    clearLogDeterminant();
    for (int i = 0; i < steps.size(); i++) { // an iterator would be an object in each step
      steps.get(i).forward(logDeterminant);
    }
  }

  /**
   * Maps images back to vectors.
   *
   * @param images f32[rows, channels]
   * @return f32[rows, channels], valid until the next call
   */
  public Tensor inverse(Tensor images) {
    rows(images.rows());
    int from = 0;
    for (Tensor piece : pieces) {
      device.kernels().row().copyColumns(piece, 0, images, from, piece.columns());
      from += piece.columns();
    }
    for (FlowStep step : steps.reversed()) {
      step.inverse();
    }
    return vectors;
  }

  /**
   * Log-determinants of the Jacobian at the vectors that {@link #forward} mapped last.
   *
   * @param to one for each of them
   */
  public void logDeterminants(double[] to) {
    double shared = sharedLogDeterminant();
    device.download(hostLogDeterminant, logDeterminant);
    for (int i = 0; i < rows; i++) {
      to[i] = shared + hostLogDeterminant[i];
    }
  }

  /** The sum of all vectors' log-determinants. */
  double totalLogDeterminant() {
    double total = rows * sharedLogDeterminant();
    if (architecture.coupling() == FlowCoupling.AFFINE) {
      device.download(hostLogDeterminant, logDeterminant);
      for (int i = 0; i < rows; i++) {
        total += hostLogDeterminant[i];
      }
    }
    return total;
  }

  /** {@code sum 3 logScale}, and what learned permutations add. */
  private double sharedLogDeterminant() {
    double sum = Flow.LOG_SCALE_FACTOR * sum(parameters.logScales());
    return parameters.factorLogScales() == null ? sum : sum + sum(parameters.factorLogScales());
  }

  /** Of as many elements as there are log scales. */
  private double sum(Tensor values) {
    device.download(hostLogScales, values);
    double sum = 0;
    for (float value : hostLogScales) {
      sum += value;
    }
    return sum;
  }

  /** Before the first coupling of a pass. */
  void clearLogDeterminant() {
    device.kernels().memory().fill(logDeterminant, 0);
  }

  /** Sets how many vectors the next pass maps. */
  void rows(int rows) {
    if (rows != this.rows) {
      resized.forEach(tensor -> tensor.rows(rows));
      this.rows = rows;
    }
  }

  /** Vectors of the last pass. */
  int rows() {
    return rows;
  }

  /** f32[rows, channels], what is mapped. */
  Tensor vectors() {
    return vectors;
  }

  /** The images, flat: a matrix after the other, without gaps where all rows are in use. */
  Tensor latent() {
    return latent;
  }

  /** The matrices in {@link #latent()}, in the order of the columns of an image. */
  List<Tensor> pieces() {
    return pieces;
  }

  /** All steps, the first first. */
  List<FlowStep> steps() {
    return steps;
  }

  /** [rows], what affine couplings add to. */
  Tensor logDeterminant() {
    return logDeterminant;
  }
}
