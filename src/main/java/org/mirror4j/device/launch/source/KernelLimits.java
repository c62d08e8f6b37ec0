package org.mirror4j.device.launch.source;

/**
 * What the text of a kernel may ask for. The kernels of this build stay at a quarter of each limit
 * or below, and a card's own limits hold where it has one; beyond them a text would take memory or
 * time that whoever wrote it does not pay for. Each is named in the message of what exceeds it.
 */
public final class KernelLimits {
  /** Files of a folder. */
  public static final int FILES = 1000;

  /** Size of a file. */
  public static final int FILE_BYTES = 1 << 20;

  /** Characters of the name of a file and its entry. */
  public static final int NAME_CHARACTERS = 100;

  /** Lines of a file. */
  public static final int LINES = 20_000;

  /** Characters of a line, or of all that go on in one another. */
  public static final int LINE_CHARACTERS = 10_000;

  /** Turns of a line that begins with {@code #n}. */
  public static final int REPETITIONS = 1000;

  /** Characters of a line when notations are replaced. */
  public static final int EXPANDED_LINE_CHARACTERS = 100_000;

  /** Characters of a variant, notations replaced. */
  public static final int EXPANDED_CHARACTERS = 1 << 21;

  /** A number in a notation: an offset, a factor, a count. */
  public static final int NOTATION_NUMBER = 1 << 20;

  /** Characters of a formula of a header. */
  public static final int FORMULA_CHARACTERS = 1000;

  /** Parentheses of a formula or of a constant inside one another. */
  public static final int PARENTHESES = 50;

  /** Characters of a name, a number or a string of PTX. */
  public static final int WORD_CHARACTERS = 200;

  /** Instructions, declarations and directives of a variant. */
  public static final int STATEMENTS = 10_000;

  /** Braces inside one another. */
  public static final int BRACES = 50;

  /** Elements of a vector. */
  public static final int VECTOR_ELEMENTS = 8;

  /** Modifiers of an instruction. */
  public static final int MODIFIERS = 16;

  /** Declared registers, which need not be registers of a card. */
  public static final int REGISTERS = 10_000;

  /** Shared memory of a block: what every card has without being asked. */
  public static final int SHARED_BYTES = 48 << 10;

  /** Local memory of a thread, of which a card has half a megabyte. */
  public static final int LOCAL_BYTES = 16 << 10;

  /** Constant memory of a file: a card's. */
  public static final int CONSTANT_BYTES = 64 << 10;

  /** Variables in global memory, of which a launch here knows none. */
  public static final int GLOBAL_BYTES = 1 << 20;

  /** Parameters of an entry: a card's. */
  public static final int PARAMETER_BYTES = 4352;

  /** Alignment of a variable. */
  public static final int ALIGNMENT = 1024;

  private KernelLimits() {}
}
