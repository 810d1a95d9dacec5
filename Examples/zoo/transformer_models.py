"""Transformers in plain PyTorch and of torchvision, small, at random weights."""

from functools import partial

from case import Case

WIDTH, HEADS, HIDDEN, LENGTH, VOCABULARY, CLASSES = 24, 3, 40, 6, 30, 5


def networks():
    """Makers of (model, example inputs) by name; the batch is the first axis of every input."""
    import torch
    from torch import nn
    from torch.nn import functional

    def split(x, heads):
        return x.reshape(x.shape[0], x.shape[1], heads, -1).transpose(1, 2)

    def joined(x):
        return x.transpose(1, 2).flatten(2)

    def attend(q, k, v, mask=None):
        scores = q @ k.transpose(-1, -2) / q.shape[-1] ** 0.5
        if mask is not None:
            scores = scores + mask
        return scores.softmax(-1) @ v

    class Root(nn.Module):
        """Root mean square normalisation (Zhang and Sennrich 2019)."""

        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(WIDTH))

        def forward(self, x):
            return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight

    class Separate(nn.Module):
        """Queries, keys and values by linear layers of their own, as BERT has them."""

        def __init__(self, bias=True):
            super().__init__()
            self.query, self.key, self.value, self.output = (
                nn.Linear(WIDTH, WIDTH, bias) for _ in range(4))

        def forward(self, x, mask=None):
            q, k, v = (split(f(x), HEADS) for f in (self.query, self.key, self.value))
            return self.output(joined(attend(q, k, v, mask)))

    class Fused(nn.Module):
        """One linear layer for all three, cut into chunks, and a causal mask (GPT-2)."""

        def __init__(self):
            super().__init__()
            self.qkv, self.output = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
            self.register_buffer("mask", torch.full((LENGTH, LENGTH), -torch.inf).triu(1))

        def forward(self, x):
            q, k, v = (split(part, HEADS) for part in self.qkv(x).chunk(3, -1))
            return self.output(joined(attend(q, k, v, self.mask)))

    class Stacked(nn.Module):
        """The three as an axis of the fused layer's output (timm's ViT)."""

        def __init__(self):
            super().__init__()
            self.qkv, self.output = nn.Linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)

        def forward(self, x):
            b, n, _ = x.shape
            q, k, v = self.qkv(x).reshape(b, n, 3, HEADS, -1).permute(2, 0, 3, 1, 4).unbind(0)
            return self.output(joined(attend(q, k, v)))

    class Scaled(Separate):
        """PyTorch's own product."""

        def __init__(self, causal=False):
            super().__init__()
            self.causal = causal

        def forward(self, x):
            q, k, v = (split(f(x), HEADS) for f in (self.query, self.key, self.value))
            return self.output(joined(
                functional.scaled_dot_product_attention(q, k, v, is_causal=self.causal)))

    class Equations(nn.Module):
        """Every product an Einsum, heads as an axis of the weights."""

        def __init__(self):
            super().__init__()
            shape = (WIDTH, HEADS, WIDTH // HEADS)
            self.query, self.key, self.value, self.output = (
                nn.Parameter(torch.randn(*shape) / WIDTH**0.5) for _ in range(4))

        def forward(self, x):
            q, k, v = (torch.einsum("bnd,dhe->bnhe", x, w) for w in (self.query, self.key, self.value))
            scores = torch.einsum("bqhe,bkhe->bhqk", q, k).softmax(-1)
            return torch.einsum("bhqk,bkhe,dhe->bqd", scores, v, self.output)

    class Relative(Separate):
        """A learnt bias by distance and head (Raffel et al. 2020, T5)."""

        def __init__(self):
            super().__init__(bias=False)
            self.bias = nn.Embedding(2 * LENGTH - 1, HEADS)
            places = torch.arange(LENGTH)
            self.register_buffer("distance", places[:, None] - places[None] + LENGTH - 1)

        def forward(self, x):
            return super().forward(x, self.bias(self.distance).permute(2, 0, 1).unsqueeze(0))

    class Grouped(nn.Module):
        """Queries in groups that share keys and values (Ainslie et al. 2023), turned by rotary
        embeddings (Su et al. 2021)."""

        def __init__(self, groups=2, rotary=True):
            super().__init__()
            self.heads, self.groups, self.each = 2 * groups, groups, 6
            self.query = nn.Linear(WIDTH, self.heads * self.each, False)
            self.key = nn.Linear(WIDTH, groups * self.each, False)
            self.value = nn.Linear(WIDTH, groups * self.each, False)
            self.output = nn.Linear(self.heads * self.each, WIDTH, False)
            self.rotary = rotary
            self.register_buffer("frequency", 10_000 ** (-torch.arange(0, 6, 2) / 6))

        def turned(self, x):
            if not self.rotary:
                return x
            places = torch.arange(x.shape[2], dtype=torch.float32)
            angles = places[:, None] * self.frequency
            angles = torch.cat([angles, angles], -1)
            half = self.each // 2
            other = torch.cat([-x[..., half:], x[..., :half]], -1)
            return x * angles.cos() + other * angles.sin()

        def forward(self, x):
            q = self.turned(split(self.query(x), self.heads))
            k = self.turned(split(self.key(x), self.groups))
            v = split(self.value(x), self.groups)
            k, v = (
                t[:, :, None].expand(-1, -1, self.heads // self.groups, -1, -1).flatten(1, 2)
                for t in (k, v))
            return self.output(joined(attend(q, k, v)))

    class Dense(nn.Sequential):
        def __init__(self, activation=nn.GELU):
            super().__init__(nn.Linear(WIDTH, HIDDEN), activation(), nn.Linear(HIDDEN, WIDTH))

    class Gated(nn.Module):
        """A feed-forward layer with a gate: GEGLU or SwiGLU (Shazeer 2020)."""

        def __init__(self, activation=functional.silu, fused=False):
            super().__init__()
            self.activation, self.fused = activation, fused
            self.up = nn.Linear(WIDTH, HIDDEN * (2 if fused else 1))
            self.gate = None if fused else nn.Linear(WIDTH, HIDDEN)
            self.down = nn.Linear(HIDDEN, WIDTH)

        def forward(self, x):
            up, gate = self.up(x).chunk(2, -1) if self.fused else (self.up(x), self.gate(x))
            return self.down(up * self.activation(gate))

    class Block(nn.Module):
        def __init__(self, attention, dense, norm, first=True):
            super().__init__()
            self.attention, self.dense = attention(), dense()
            self.norm1, self.norm2, self.first = norm(), norm(), first

        def forward(self, x, *mask):
            if self.first:
                x = x + self.attention(self.norm1(x), *mask)
                return x + self.dense(self.norm2(x))
            x = self.norm1(x + self.attention(x, *mask))
            return self.norm2(x + self.dense(x))

    def layer_norm():
        return nn.LayerNorm(WIDTH)

    class Text(nn.Module):
        """Tokens to a class, or to the next token with `tied` tables."""

        def __init__(self, attention, dense=Dense, norm=layer_norm, first=True, tied=None):
            super().__init__()
            self.token = nn.Embedding(VOCABULARY, WIDTH)
            self.position = nn.Parameter(torch.randn(LENGTH, WIDTH))
            self.blocks = nn.ModuleList(Block(attention, dense, norm, first) for _ in range(2))
            self.norm = norm()
            self.head = nn.Linear(WIDTH, VOCABULARY if tied else CLASSES, bias=not tied)
            if tied:
                self.head.weight = self.token.weight
            self.tied = tied

        def forward(self, tokens):
            x = self.token(tokens) + self.position
            for block in self.blocks:
                x = block(x)
            x = self.norm(x)
            return self.head(x if self.tied else x.mean(1))

    class BERT(nn.Module):
        """Devlin et al. 2019: three embeddings, a padding mask, a pooler."""

        def __init__(self):
            super().__init__()
            self.token, self.segment = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(2, WIDTH)
            self.position = nn.Embedding(LENGTH, WIDTH)
            self.register_buffer("places", torch.arange(LENGTH)[None])
            self.norm = layer_norm()
            self.blocks = nn.ModuleList(
                Block(Separate, Dense, layer_norm, first=False) for _ in range(2))
            self.pooler, self.head = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, CLASSES)

        def forward(self, tokens, segments, mask):
            x = self.token(tokens) + self.position(self.places) + self.segment(segments)
            x = self.norm(x)
            hidden = (1 - mask[:, None, None, :].to(x.dtype)) * torch.finfo(x.dtype).min
            for block in self.blocks:
                x = block(x, hidden)
            return self.head(torch.tanh(self.pooler(x[:, 0])))

    class ViT(nn.Module):
        """Dosovitskiy et al. 2021: patches by a convolution, a class token."""

        def __init__(self, attention):
            super().__init__()
            self.patches = nn.Conv2d(3, WIDTH, 4, 4)
            self.token = nn.Parameter(torch.randn(1, 1, WIDTH))
            self.position = nn.Parameter(torch.randn(1, 10, WIDTH))
            self.blocks = nn.ModuleList(Block(attention, Dense, layer_norm) for _ in range(2))
            self.norm, self.head = layer_norm(), nn.Linear(WIDTH, CLASSES)

        def forward(self, image):
            x = self.patches(image).flatten(2).transpose(1, 2)
            x = torch.cat([self.token.expand(x.shape[0], -1, -1), x], 1) + self.position
            for block in self.blocks:
                x = block(x)
            return self.head(self.norm(x)[:, 0])

    class Own(nn.Module):
        """PyTorch's own attention or encoder layer on embedded tokens."""

        def __init__(self, layer):
            super().__init__()
            self.token, self.layer, self.head = (
                nn.Embedding(VOCABULARY, WIDTH), layer(), nn.Linear(WIDTH, CLASSES))

        def forward(self, tokens):
            x = self.token(tokens)
            if isinstance(self.layer, nn.MultiheadAttention):
                x = x + self.layer(x, x, x, need_weights=False)[0]
            else:
                x = self.layer(x)
            return self.head(x[:, 0])

    def own(layer, *sizes, **options):
        return Own(lambda: layer(WIDTH, HEADS, *sizes, batch_first=True, **options))

    tokens = torch.randint(0, VOCABULARY, (2, LENGTH))
    image = torch.randn(2, 3, 12, 12)
    three = (tokens, torch.randint(0, 2, (2, LENGTH)), torch.ones(2, LENGTH, dtype=torch.int64))

    def swin():
        from torchvision.models import SwinTransformer

        return SwinTransformer([4, 4], 12, [2, 2], [2, 4], [2, 2], num_classes=CLASSES)

    def torchvision_vit():
        from torchvision.models import VisionTransformer

        return VisionTransformer(12, 4, 2, HEADS, WIDTH, HIDDEN, num_classes=CLASSES)

    def decoder():
        layer = nn.TransformerDecoderLayer(WIDTH, HEADS, HIDDEN, batch_first=True)

        class Decoder(Own):
            def forward(self, tokens):
                x = self.token(tokens)
                return self.head(self.layer(x, x.flip(1)).mean(1))

        return Decoder(lambda: layer)

    encoder = partial(own, nn.TransformerEncoderLayer, HIDDEN)
    llama = partial(Text, dense=Gated, norm=Root)
    return {
        "bert": (BERT, three),
        "vit-stacked": (partial(ViT, Stacked), (image,)),
        "vit-torchvision": (torchvision_vit, (image,)),
        "swin-torchvision": (swin, (torch.randn(2, 3, 32, 32),)),
        "encoder-relu": (encoder, (tokens,)),
        "encoder-gelu-first": (partial(encoder, activation="gelu", norm_first=True), (tokens,)),
        "decoder": (decoder, (tokens,)),
        "multihead": (partial(own, nn.MultiheadAttention), (tokens,)),
        "scaled": (partial(Text, Scaled), (tokens,)),
        "scaled-causal": (partial(Text, partial(Scaled, True)), (tokens,)),
        "einsum": (partial(Text, Equations), (tokens,)),
        "gpt": (partial(Text, Fused), (tokens,)),
        "gpt-tied": (partial(Text, Fused, tied=True), (tokens,)),
        "relative": (partial(Text, Relative), (tokens,)),
        "geglu-fused": (partial(
            Text, Separate, partial(Gated, functional.gelu, fused=True)), (tokens,)),
        "grouped": (partial(llama, partial(Grouped, rotary=False)), (tokens,)),
        "llama": (partial(llama, Grouped), (tokens,)),
    }


def make(name, opset, dynamo, path):
    import torch
    from weights import randomise

    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.backends.mha.set_fastpath_enabled(False)
    maker, inputs = networks()[name]
    model = randomise(maker())
    names = [f"input{index}" for index in range(len(inputs))]
    if dynamo:
        batch = torch.export.Dim("batch")
        torch.onnx.export(
            model, inputs, str(path), dynamo=True, opset_version=opset, verbose=False,
            input_names=names, output_names=["output"], external_data=False,
            dynamic_shapes=tuple({0: batch} for _ in inputs))
    else:
        torch.onnx.export(
            model, inputs, str(path), dynamo=False, opset_version=opset, input_names=names,
            output_names=["output"], dynamic_axes={n: {0: "batch"} for n in [*names, "output"]})


NAMES = [
    "bert", "vit-stacked", "vit-torchvision", "swin-torchvision", "encoder-relu",
    "encoder-gelu-first", "decoder", "multihead", "scaled", "scaled-causal", "einsum", "gpt",
    "gpt-tied", "relative", "geglu-fused", "grouped", "llama",
]
#: In these also the other operator sets.
SAMPLES = ["bert", "encoder-relu", "vit-stacked", "llama"]
#: TorchScript's exporter writes these from this operator set on only.
LEAST = {"encoder-relu": 14}


def cases():
    for name in NAMES:
        for dynamo, opset in [(False, 17), (True, 18)]:
            kind = "dynamo" if dynamo else "legacy"
            yield Case(f"{name}-{kind}-{opset}", partial(make, name, opset, dynamo), "transformer")
    for name in SAMPLES:
        for dynamo, opset in [(False, 11), (False, 13), (False, 20), (True, 20), (True, 21)]:
            if opset < LEAST.get(name, 11):
                continue
            kind = "dynamo" if dynamo else "legacy"
            yield Case(f"{name}-{kind}-{opset}", partial(make, name, opset, dynamo), "transformer")
