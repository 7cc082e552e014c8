/*
 * v4l2sim: the H.264 encoder of a Raspberry Pi (driver bcm2835-codec) for machines that
 * have none. Preloaded, it lets an unmodified ffmpeg see and use /dev/video11. Frames are
 * really encoded, by libx264, so what comes out can be decoded and looked at.
 * README.md says what is told by the environment, what is the driver's and what a guess.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <x264.h>

#define NODE "/dev/video11"
#define MAXFD 1024
#define MAXBUF 32 /* VIDEO_MAX_FRAME */
#define MAXSIDE 1920
#define CAP_BASE (1ull << 31)
#define ALIGN(x, a) (((x) + (a) - 1) / (a) * (a))
#define OFFSET(isout, i, size) (((isout) ? 0 : CAP_BASE) + (uint64_t)(i) * ALIGN(size, 4096))
#define MP_OUT V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE
#define MP_CAP V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE

/* ------------------------------------------------------------ what it is told to be */
enum { ERR_DQBUF, ERR_QBUF, ERR_POLL, ERR_FLAG };
static struct {
    int align, halign, client_stride, headers, repeat; /* headers: -1 as the control says, 0 separate, 1 joined */
    int open_err, reqbufs_err, err_no, err_kind, eos_hang;
    long stall_after, err_after, vanish_after;
    double fps;
    const char *lock, *gone;
    int logfd;
} cfg;

static int (*r_open)(const char *, int, ...), (*r_close)(int), (*r_ioctl)(int, unsigned long, ...);
static int (*r_poll)(struct pollfd *, nfds_t, int);
static DIR *(*r_opendir)(const char *);
static struct dirent *(*r_readdir)(DIR *);
static int (*r_closedir)(DIR *);

__attribute__((format(printf, 1, 2))) static void say(const char *fmt, ...)
{
    char b[512];
    int n, save = errno;
    va_list ap;
    if (cfg.logfd < 0) return;
    va_start(ap, fmt);
    n = vsnprintf(b, sizeof b - 1, fmt, ap);
    va_end(ap);
    if (n > (int)sizeof b - 2) n = sizeof b - 2;
    b[n++] = '\n';
    if (write(cfg.logfd, b, n) < 0) { /* a log that cannot be written must not break the program */ }
    errno = save;
}

static int errno_of(const char *s)
{
    static const struct { const char *name; int number; } table[] = {
        {"EBUSY", EBUSY}, {"EIO", EIO}, {"ENOMEM", ENOMEM}, {"EACCES", EACCES}, {"ENODEV", ENODEV}, {"EINVAL", EINVAL} };
    for (unsigned i = 0; s && i < sizeof table / sizeof *table; i++)
        if (!strcmp(s, table[i].name)) return table[i].number;
    return 0;
}
static long number(const char *name, long otherwise)
{
    const char *s = getenv(name);
    return s && *s ? atol(s) : otherwise;
}
static int is(const char *name, const char *value)
{
    const char *s = getenv(name);
    return s && !strcmp(s, value);
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void init_(void)
{
    const char *log = getenv("V4L2SIM_LOG");
    r_open = dlsym(RTLD_NEXT, "open"); r_close = dlsym(RTLD_NEXT, "close"); r_ioctl = dlsym(RTLD_NEXT, "ioctl");
    r_poll = dlsym(RTLD_NEXT, "poll"); r_opendir = dlsym(RTLD_NEXT, "opendir"); r_readdir = dlsym(RTLD_NEXT, "readdir");
    r_closedir = dlsym(RTLD_NEXT, "closedir");
    cfg.logfd = log ? r_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644) : -1;
    cfg.align = number("V4L2SIM_ALIGN", 64);
    cfg.halign = number("V4L2SIM_HALIGN", 1);
    cfg.client_stride = is("V4L2SIM_STRIDE", "client");
    cfg.headers = is("V4L2SIM_HEADERS", "separate") ? 0 : is("V4L2SIM_HEADERS", "joined") ? 1 : -1;
    cfg.repeat = number("V4L2SIM_REPEAT", -1);
    cfg.open_err = errno_of(getenv("V4L2SIM_OPEN_ERR"));
    cfg.reqbufs_err = errno_of(getenv("V4L2SIM_REQBUFS_ERR"));
    cfg.err_no = errno_of(getenv("V4L2SIM_ERR"));
    if (!cfg.err_no) cfg.err_no = EIO;
    cfg.err_kind = is("V4L2SIM_ERR_KIND", "qbuf") ? ERR_QBUF : is("V4L2SIM_ERR_KIND", "poll") ? ERR_POLL :
                   is("V4L2SIM_ERR_KIND", "flag") ? ERR_FLAG : ERR_DQBUF;
    cfg.stall_after = number("V4L2SIM_STALL_AFTER", -1);
    cfg.err_after = number("V4L2SIM_ERR_AFTER", -1);
    cfg.vanish_after = number("V4L2SIM_VANISH_AFTER", -1);
    cfg.eos_hang = number("V4L2SIM_EOS_HANG", 0);
    cfg.fps = number("V4L2SIM_FPS", 0);
    cfg.lock = getenv("V4L2SIM_LOCK");
    cfg.gone = getenv("V4L2SIM_GONE_FILE");
}
static void init(void) { pthread_once(&once, init_); }

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}
static int fail(int e) { errno = e; return -1; }

/* --------------------------------------------------------------------- the controls */
enum { C_BRMODE, C_BITRATE, C_GOP, C_BFRAMES, C_HEADERS, C_REPEAT, C_FORCE, C_MINQP, C_MAXQP, C_IPERIOD, C_LEVEL, C_PROFILE, NC };
static const struct control { uint32_t id; const char *name; int64_t min, max, step, def; } controls[NC] = { /* as in bcm2835_codec_open() */
    [C_BRMODE] = { V4L2_CID_MPEG_VIDEO_BITRATE_MODE, "bitrate mode", 0, 1, 0, 0 },
    [C_BITRATE] = { V4L2_CID_MPEG_VIDEO_BITRATE, "bitrate", 25000, 25000000, 25000, 10000000 },
    [C_GOP] = { V4L2_CID_MPEG_VIDEO_GOP_SIZE, "gop size", 0, 0x7fffffff, 1, 60 },
    [C_BFRAMES] = { V4L2_CID_MPEG_VIDEO_B_FRAMES, "b frames", 0, 0, 1, 0 },
    [C_HEADERS] = { V4L2_CID_MPEG_VIDEO_HEADER_MODE, "header mode", 0, 1, 0, 1 },
    [C_REPEAT] = { V4L2_CID_MPEG_VIDEO_REPEAT_SEQ_HEADER, "repeat headers", 0, 1, 1, 0 },
    [C_FORCE] = { V4L2_CID_MPEG_VIDEO_FORCE_KEY_FRAME, "force key frame", 0, 0, 0, 0 },
    [C_MINQP] = { V4L2_CID_MPEG_VIDEO_H264_MIN_QP, "min qp", 0, 51, 1, 20 },
    [C_MAXQP] = { V4L2_CID_MPEG_VIDEO_H264_MAX_QP, "max qp", 0, 51, 1, 51 },
    [C_IPERIOD] = { V4L2_CID_MPEG_VIDEO_H264_I_PERIOD, "i period", 0, 0x7fffffff, 1, 60 },
    [C_LEVEL] = { V4L2_CID_MPEG_VIDEO_H264_LEVEL, "level", 0, 15, 0, 11 },
    [C_PROFILE] = { V4L2_CID_MPEG_VIDEO_H264_PROFILE, "profile", 0, 4, 0, 4 },
};
/* H.264 table A-1, by the control's numbers: 1, 1b, 1.1 … 5.1 */
static const double level_mbps[] = { 1485, 1485, 3000, 6000, 11880, 11880, 19800, 20250, 40500, 108000, 216000, 245760, 245760, 522240, 589824, 983040 };
static const int level_mbs[] = { 99, 99, 396, 396, 396, 396, 792, 1620, 1620, 3600, 5120, 8192, 8192, 8704, 22080, 36864 };
static const int level_kbps[] = { 64, 128, 192, 384, 768, 2000, 4000, 4000, 10000, 14000, 20000, 20000, 50000, 50000, 135000, 240000 };
static const int level_idc[] = { 10, 9, 11, 12, 13, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51 };
static const uint32_t raw_formats[] = { V4L2_PIX_FMT_YUV420, V4L2_PIX_FMT_YVU420, V4L2_PIX_FMT_NV12, V4L2_PIX_FMT_NV21 };

/* ---------------------------------------------------------------------- the device */
enum { B_FREE, B_QUEUED, B_HW, B_DONE };
struct buf { int st; uint8_t *p; uint32_t used, flags, seq; struct timeval ts; };
struct queue {
    int n, streaming, nq, nd, q[MAXBUF], d[MAXBUF]; /* q: queued, d: done, both first in first out */
    uint32_t w, h, ch, cc, bpl, size, seq, colorspace, ycbcr, quant, xfer;
    struct buf b[MAXBUF];
};
struct dev {
    int fd, flags, lockfd, running, quit, sub_eos, ev_eos, force, eos, last_deq, dead, stalled, busy, hdr_sent, hdr_len;
    pthread_mutex_t mu;
    pthread_cond_t cv;
    pthread_t th;
    struct queue out, cap;
    int64_t c[NC];
    uint32_t fps_n, fps_d;
    x264_t *enc;
    uint8_t hdr[512];
    long in, outn, keys;
    double next;
};
static struct dev *devs[MAXFD];
static struct dev *D(int fd) { return fd >= 0 && fd < MAXFD ? __atomic_load_n(&devs[fd], __ATOMIC_ACQUIRE) : NULL; }
static int gone(void) { return cfg.gone && access(cfg.gone, F_OK) == 0; }
static struct queue *Q(struct dev *d, uint32_t t) { return t == MP_OUT ? &d->out : t == MP_CAP ? &d->cap : NULL; }
static int failing(struct dev *d, int kind) { return cfg.err_after >= 0 && d->outn >= cfg.err_after && cfg.err_kind == kind; }
static int pop(int *a, int *n) { int v = a[0]; memmove(a, a + 1, --*n * sizeof *a); return v; }
static void done(struct dev *d, struct queue *q, int i) { q->b[i].st = B_DONE; q->d[q->nd++] = i; pthread_cond_broadcast(&d->cv); }
static void vanish(struct dev *d)
{
    d->dead = 1;
    say("inject vanish after=%ld", d->in);
    if (cfg.gone) { int f = r_open(cfg.gone, O_CREAT | O_WRONLY, 0644); if (f >= 0) r_close(f); }
}

/* -------------------------------------------------------------------- the encoding */
static int csp(uint32_t cc)
{
    return cc == V4L2_PIX_FMT_NV12 ? X264_CSP_NV12 : cc == V4L2_PIX_FMT_NV21 ? X264_CSP_NV21 : cc == V4L2_PIX_FMT_YVU420 ? X264_CSP_YV12 : X264_CSP_I420;
}
static int enc_open(struct dev *d)
{
    x264_param_t p;
    x264_nal_t *nal;
    int n;
    x264_param_default_preset(&p, "ultrafast", "zerolatency");
    p.i_log_level = X264_LOG_NONE; p.i_threads = 1; p.b_sliced_threads = 0;
    p.i_width = d->out.w; p.i_height = d->out.ch; p.i_csp = csp(d->out.cc);
    p.i_fps_num = d->fps_n; p.i_fps_den = d->fps_d; p.b_vfr_input = 0;
    p.i_keyint_max = d->c[C_GOP] ? (int)d->c[C_GOP] : X264_KEYINT_MAX_INFINITE;
    p.i_keyint_min = 1; p.i_scenecut_threshold = 0; p.i_bframe = 0; p.b_aud = 0; p.b_annexb = 1; p.b_repeat_headers = 0;
    p.rc.i_rc_method = X264_RC_ABR; p.rc.i_bitrate = d->c[C_BITRATE] / 1000;
    p.rc.i_qp_min = d->c[C_MINQP]; p.rc.i_qp_max = d->c[C_MAXQP];
    p.b_cabac = 1; p.analyse.b_transform_8x8 = 1; p.i_level_idc = level_idc[d->c[C_LEVEL]];
    x264_param_apply_profile(&p, d->c[C_PROFILE] <= 1 ? "baseline" : d->c[C_PROFILE] == 2 ? "main" : "high");
    d->enc = x264_encoder_open(&p);
    d->hdr_len = 0;
    if (d->enc && x264_encoder_headers(d->enc, &nal, &n) > 0) /* SPS and PPS; the SEI that x264 adds is dropped */
        for (int i = 0; i < n; i++)
            if (nal[i].i_type != NAL_SEI && d->hdr_len + nal[i].i_payload <= (int)sizeof d->hdr) {
                memcpy(d->hdr + d->hdr_len, nal[i].p_payload, nal[i].i_payload);
                d->hdr_len += nal[i].i_payload;
            }
    say("encoder_open w=%d h=%d bpl=%u fps=%u/%u bitrate=%lld gop=%lld", p.i_width, p.i_height, d->out.bpl, d->fps_n, d->fps_d,
        (long long)d->c[C_BITRATE], (long long)d->c[C_GOP]);
    return d->enc ? 0 : -1;
}
/* emit gives bytes to capture buffers, mu held; what is larger than a buffer comes in pieces, as from the driver */
static void emit(struct dev *d, const uint8_t *p, size_t n, struct timeval ts, uint32_t flags)
{
    do {
        while (!d->quit && (!d->cap.streaming || !d->cap.nq)) pthread_cond_wait(&d->cv, &d->mu);
        if (d->quit) return;
        int i = pop(d->cap.q, &d->cap.nq);
        struct buf *b = &d->cap.b[i];
        size_t k = n < d->cap.size ? n : d->cap.size;
        memcpy(b->p, p, k);
        b->used = k; b->ts = ts; b->flags = flags; b->seq = d->cap.seq++;
        p += k; n -= k;
        done(d, &d->cap, i);
    } while (n);
}
/* planes finds them where the driver looks, or where the client has packed them */
static void planes(struct dev *d, struct buf *b, x264_picture_t *pic)
{
    uint32_t bpl = d->out.bpl, h = d->out.h;
    int semi = d->out.cc == V4L2_PIX_FMT_NV12 || d->out.cc == V4L2_PIX_FMT_NV21;
    int luma = bpl, chroma = semi ? bpl : bpl / 2;
    if (cfg.client_stride && !semi) { /* a patched ffmpeg would have repacked: the strides are found from what it queued */
        int total = b->used / h, w = d->out.w;
        for (int a = 1; a <= 512; a *= 2) {
            int l = ALIGN(w, a), c1 = ALIGN(w / 2, a), c2 = ALIGN(l / 2, a);
            if (l + c1 == total) { luma = l; chroma = c1; }
            if (l + c2 == total) { luma = l; chroma = c2; }
        }
    }
    pic->img.i_csp = csp(d->out.cc);
    pic->img.i_plane = semi ? 2 : 3;
    pic->img.i_stride[0] = luma; pic->img.i_stride[1] = pic->img.i_stride[2] = chroma;
    pic->img.plane[0] = b->p; pic->img.plane[1] = b->p + luma * h; pic->img.plane[2] = pic->img.plane[1] + chroma * (h / 2);
}
static void slow_down(struct dev *d)
{
    if (cfg.fps <= 0) return;
    double t = now();
    if (d->next < t - 1) d->next = t;
    if (d->next > t) {
        struct timespec s = { (time_t)(d->next - t), (long)((d->next - t - (time_t)(d->next - t)) * 1e9) };
        nanosleep(&s, NULL);
    }
    d->next += 1 / cfg.fps;
}
static void drained(struct dev *d) /* an empty LAST buffer and an event */
{
    d->eos = 0;
    if (cfg.eos_hang) { say("inject eos_hang"); return; }
    if (d->sub_eos) d->ev_eos = 1;
    emit(d, (const uint8_t *)"", 0, (struct timeval){ 0, 0 }, V4L2_BUF_FLAG_LAST);
}
static void encode(struct dev *d) /* one frame; mu held, and let go meanwhile */
{
    int i = pop(d->out.q, &d->out.nq), force = d->force, nn;
    struct buf *b = &d->out.b[i];
    x264_picture_t pic, got;
    x264_nal_t *nal;
    b->st = B_HW;
    d->force = 0; /* the request reaches the firmware at once, tied to no frame */
    if (!d->enc && enc_open(d) < 0) { d->stalled = 1; return; }
    d->busy = 1; /* it reads the picture's buffer */
    pthread_mutex_unlock(&d->mu);
    slow_down(d);
    x264_picture_init(&pic);
    planes(d, b, &pic);
    pic.i_pts = d->in;
    pic.i_type = force ? X264_TYPE_IDR : X264_TYPE_AUTO;
    int size = x264_encoder_encode(d->enc, &nal, &nn, &pic, &got);
    pthread_mutex_lock(&d->mu);
    d->busy = 0;
    pthread_cond_broadcast(&d->cv);
    d->in++;
    struct timeval ts = b->ts;
    if (b->st == B_HW) done(d, &d->out, i); /* it may have been streamed off meanwhile */
    if (size <= 0) return;
    int key = got.b_keyframe, first = !d->hdr_sent;
    int headers = key && (first || (cfg.repeat >= 0 ? cfg.repeat : d->c[C_REPEAT]));
    uint32_t flags = key ? V4L2_BUF_FLAG_KEYFRAME : V4L2_BUF_FLAG_PFRAME;
    if (failing(d, ERR_FLAG)) flags |= V4L2_BUF_FLAG_ERROR;
    if (headers) d->hdr_sent = 1;
    if (headers && first && !(cfg.headers >= 0 ? cfg.headers : (int)d->c[C_HEADERS])) { /* in a buffer of their own */
        emit(d, d->hdr, d->hdr_len, (struct timeval){ 0, 0 }, 0);
        headers = 0;
    }
    if (headers) {
        uint8_t *t = malloc(d->hdr_len + size);
        memcpy(t, d->hdr, d->hdr_len);
        memcpy(t + d->hdr_len, nal[0].p_payload, size);
        emit(d, t, d->hdr_len + size, ts, flags);
        free(t);
    } else emit(d, nal[0].p_payload, size, ts, flags);
    d->outn++;
    d->keys += key;
    if (d->outn == cfg.err_after) { say("inject error kind=%d errno=%d after=%ld", cfg.err_kind, cfg.err_no, d->outn); pthread_cond_broadcast(&d->cv); }
}
static void *worker(void *arg)
{
    struct dev *d = arg;
    pthread_mutex_lock(&d->mu);
    for (;;) {
        while (!d->quit && (d->dead || d->stalled || !d->out.streaming || !d->cap.streaming || (!d->out.nq && !d->eos)))
            pthread_cond_wait(&d->cv, &d->mu);
        if (d->quit) break;
        if (!d->out.nq) drained(d);
        else if (cfg.stall_after >= 0 && d->in >= cfg.stall_after) { d->stalled = 1; say("inject stall after=%ld", d->in); }
        else if (cfg.vanish_after >= 0 && d->in >= cfg.vanish_after) { vanish(d); pthread_cond_broadcast(&d->cv); }
        else encode(d);
    }
    pthread_mutex_unlock(&d->mu);
    return NULL;
}

/* --------------------------------------------------------------------- the ioctls */
static void try_fmt(struct v4l2_format *f, int cap)
{
    struct v4l2_pix_format_mplane *m = &f->fmt.pix_mp;
    int known = cap && m->pixelformat == V4L2_PIX_FMT_H264;
    for (unsigned i = 0; !cap && i < 4; i++) known |= raw_formats[i] == m->pixelformat;
    if (!known) m->pixelformat = cap ? V4L2_PIX_FMT_H264 : raw_formats[0]; /* the driver puts its default in, without an error */
    if (m->width > MAXSIDE) m->width = MAXSIDE; /* and clamps */
    if (m->height > MAXSIDE) m->height = MAXSIDE;
    m->num_planes = 1;
    m->field = V4L2_FIELD_NONE;
    if (cap) {
        unsigned s = m->width * m->height > 1280 * 720 ? 768 << 10 : 512 << 10;
        m->plane_fmt[0].bytesperline = 0;
        if (m->plane_fmt[0].sizeimage < s) m->plane_fmt[0].sizeimage = s;
    } else {
        if (m->width < 32) m->width = 32;
        if (m->height < 32) m->height = 32;
        m->height = ALIGN(m->height, (unsigned)cfg.halign);
        unsigned al = m->pixelformat == V4L2_PIX_FMT_NV12 || m->pixelformat == V4L2_PIX_FMT_NV21 ? 32 : cfg.align;
        unsigned b = ALIGN(m->width, al), r = ALIGN(m->plane_fmt[0].bytesperline, al);
        m->plane_fmt[0].bytesperline = r > b ? r : b;
        m->plane_fmt[0].sizeimage = m->plane_fmt[0].bytesperline * m->height * 3 / 2 * (cfg.client_stride ? 2 : 1);
    }
    memset(m->plane_fmt[0].reserved, 0, sizeof m->plane_fmt[0].reserved);
    memset(m->reserved, 0, sizeof m->reserved);
}
static int control(struct dev *d, struct v4l2_ext_control *x, unsigned req)
{
    for (int i = 0; i < NC; i++) {
        const struct control *c = &controls[i];
        if (c->id != x->id) continue;
        if (req == VIDIOC_G_EXT_CTRLS) { x->value = d->c[i]; return i == C_FORCE ? EINVAL : 0; }
        int64_t v = x->value;
        if (c->step == 0 && c->max > 0 && (v < c->min || v > c->max)) return ERANGE; /* a menu */
        if (c->step > 0) { v = v < c->min ? c->min : v > c->max ? c->max : c->min + (v - c->min + c->step / 2) / c->step * c->step; }
        if (req == VIDIOC_TRY_EXT_CTRLS) return 0;
        if (i == C_FORCE) { d->force = 1; return 0; }
        d->c[i] = v;
        if (i == C_IPERIOD) d->c[C_GOP] = v;
        return 0;
    }
    return EINVAL;
}
static void free_bufs(struct queue *q)
{
    for (int i = 0; i < q->n; i++) if (q->b[i].p) munmap(q->b[i].p, q->size);
    memset(q->b, 0, sizeof q->b);
    q->n = q->nq = q->nd = 0;
}
static void fill(struct queue *q, int i, struct v4l2_buffer *v, int isout)
{
    struct buf *b = &q->b[i];
    v->index = i; v->memory = V4L2_MEMORY_MMAP; v->field = V4L2_FIELD_NONE; v->sequence = b->seq; v->timestamp = b->ts;
    v->flags = b->flags | V4L2_BUF_FLAG_TIMESTAMP_COPY;
    v->flags |= b->st == B_QUEUED || b->st == B_HW ? V4L2_BUF_FLAG_QUEUED : b->st == B_DONE ? V4L2_BUF_FLAG_DONE : 0;
    if (!v->m.planes || !v->length) return;
    memset(v->m.planes, 0, sizeof *v->m.planes);
    v->m.planes[0].length = q->size; v->m.planes[0].bytesused = b->used;
    v->m.planes[0].m.mem_offset = (uint32_t)OFFSET(isout, i, q->size);
    v->length = 1;
}
static int reqbufs(struct dev *d, struct v4l2_requestbuffers *r)
{
    struct queue *q = Q(d, r->type);
    if (!q || r->memory != V4L2_MEMORY_MMAP) return fail(EINVAL);
    r->capabilities = V4L2_BUF_CAP_SUPPORTS_MMAP | V4L2_BUF_CAP_SUPPORTS_DMABUF;
    if (q->streaming) return fail(EBUSY);
    free_bufs(q);
    if (!r->count) return 0;
    if (cfg.reqbufs_err) { say("inject reqbufs errno=%d", cfg.reqbufs_err); return fail(cfg.reqbufs_err); }
    if (d->out.w % 2 || d->out.ch % 2) return fail(EINVAL); /* a guess */
    for (unsigned i = 0; i < r->count && i < MAXBUF; i++) {
        /* no file behind it: a worker's limit of file sizes would forbid one of any length */
        q->b[i].p = mmap(NULL, q->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (q->b[i].p == MAP_FAILED) { q->b[i].p = NULL; break; }
        q->n++;
    }
    if (!q->n) return fail(ENOMEM);
    r->count = q->n;
    return 0;
}
/* too_much: the firmware refuses to start what its level forbids */
static int too_much(struct dev *d)
{
    double mbs = ((d->out.w + 15) / 16) * (double)((d->out.ch + 15) / 16), mbps = mbs * d->fps_n / d->fps_d;
    int l = d->c[C_LEVEL];
    double kbps = level_kbps[l] * (d->c[C_PROFILE] == 4 && l != 11 ? 1.25 : 1.0); /* 4.0 High: 20 Mbit/s starts, 25 does not */
    if (mbs <= level_mbs[l] && mbps <= level_mbps[l] * 1.005 && d->c[C_BITRATE] / 1000 <= kbps) return 0;
    say("level_refused mb_per_frame=%.0f mb_per_s=%.0f kbps=%lld", mbs, mbps, (long long)d->c[C_BITRATE] / 1000);
    return 1;
}
static int streamon(struct dev *d, uint32_t type)
{
    struct queue *q = Q(d, type);
    if (!q || !q->n) return fail(EINVAL);
    if (q == &d->out && too_much(d)) return fail(ESRCH);
    q->streaming = 1;
    q->seq = 0;
    if (q == &d->cap) d->last_deq = 0;
    if (!d->running) { d->running = 1; pthread_create(&d->th, NULL, worker, d); }
    pthread_cond_broadcast(&d->cv);
    return 0;
}
static int qbuf(struct dev *d, struct v4l2_buffer *v)
{
    struct queue *q = Q(d, v->type);
    if (!q || v->index >= (unsigned)q->n || !v->m.planes || q->b[v->index].st != B_FREE) return fail(EINVAL);
    if (failing(d, ERR_QBUF) && v->type == MP_OUT) return fail(cfg.err_no);
    struct buf *b = &q->b[v->index];
    b->st = B_QUEUED;
    b->flags = 0;
    if (v->type == MP_OUT) { b->used = v->m.planes[0].bytesused; b->ts = v->timestamp; b->seq = q->seq++; }
    q->q[q->nq++] = v->index;
    pthread_cond_broadcast(&d->cv);
    return 0;
}
static int dqbuf(struct dev *d, struct v4l2_buffer *v)
{
    struct queue *q = Q(d, v->type);
    if (!q || !q->streaming) return fail(EINVAL);
    if (v->type == MP_CAP && failing(d, ERR_DQBUF) && !q->nd) return fail(cfg.err_no);
    while (!q->nd) {
        if (v->type == MP_CAP && d->last_deq) return fail(EPIPE);
        if (d->dead) return fail(ENODEV);
        if (d->flags & O_NONBLOCK) return fail(EAGAIN);
        pthread_cond_wait(&d->cv, &d->mu);
        if (!q->streaming) return fail(EINVAL);
    }
    int i = pop(q->d, &q->nd);
    q->b[i].st = B_FREE;
    fill(q, i, v, v->type == MP_OUT);
    if (v->type == MP_CAP && q->b[i].flags & V4L2_BUF_FLAG_LAST) d->last_deq = 1;
    return 0;
}
static int format(struct dev *d, unsigned req, struct v4l2_format *f)
{
    struct queue *q = Q(d, f->type);
    struct v4l2_pix_format_mplane *m = &f->fmt.pix_mp;
    if (!q) return fail(EINVAL);
    if (req == VIDIOC_G_FMT) {
        memset(m, 0, sizeof *m);
        m->width = q->w; m->height = q->h; m->pixelformat = q->cc; m->field = V4L2_FIELD_NONE; m->num_planes = 1;
        m->colorspace = d->out.colorspace; m->ycbcr_enc = d->out.ycbcr; m->quantization = d->out.quant; m->xfer_func = d->out.xfer;
        m->plane_fmt[0].sizeimage = q->size; m->plane_fmt[0].bytesperline = q->bpl;
        return 0;
    }
    uint32_t h = m->height;
    try_fmt(f, f->type == MP_CAP);
    if (req == VIDIOC_TRY_FMT) return 0;
    if (q->n) return fail(EBUSY);
    q->w = m->width; q->h = m->height; q->ch = h < m->height ? h : m->height; q->cc = m->pixelformat;
    q->bpl = m->plane_fmt[0].bytesperline; q->size = m->plane_fmt[0].sizeimage;
    if (f->type == MP_OUT) { q->colorspace = m->colorspace; q->ycbcr = m->ycbcr_enc; q->quant = m->quantization; q->xfer = m->xfer_func; }
    return 0;
}
static int selection(struct dev *d, unsigned req, struct v4l2_selection *s)
{
    if (s->type != V4L2_BUF_TYPE_VIDEO_OUTPUT && s->type != MP_OUT) return fail(EINVAL);
    int crop = s->target == V4L2_SEL_TGT_CROP;
    if (!crop && (req == VIDIOC_S_SELECTION || (s->target != V4L2_SEL_TGT_CROP_DEFAULT && s->target != V4L2_SEL_TGT_CROP_BOUNDS))) return fail(EINVAL);
    s->r.left = s->r.top = 0;
    if (req == VIDIOC_S_SELECTION) {
        if (s->r.width < d->out.w) d->out.w = s->r.width;
        if (s->r.height < d->out.h) d->out.ch = s->r.height;
    }
    s->r.width = crop ? d->out.w : d->out.bpl;
    s->r.height = crop ? d->out.ch : d->out.h;
    return 0;
}
static int do_ioctl(struct dev *d, unsigned req, void *a)
{
    switch (req) {
    case VIDIOC_QUERYCAP: {
        struct v4l2_capability *c = a;
        memset(c, 0, sizeof *c);
        strcpy((char *)c->driver, "bcm2835-codec");
        strcpy((char *)c->card, "bcm2835-codec-encode");
        strcpy((char *)c->bus_info, "platform:bcm2835-codec");
        c->device_caps = V4L2_CAP_VIDEO_M2M_MPLANE | V4L2_CAP_STREAMING | V4L2_CAP_EXT_PIX_FORMAT;
        c->capabilities = c->device_caps | V4L2_CAP_DEVICE_CAPS;
        return 0; }
    case VIDIOC_ENUM_FMT: {
        struct v4l2_fmtdesc *f = a;
        uint32_t index = f->index, type = f->type;
        if (!Q(d, type) || index >= (type == MP_CAP ? 1 : 4)) return fail(EINVAL);
        memset(f, 0, sizeof *f);
        f->index = index; f->type = type;
        f->pixelformat = type == MP_CAP ? V4L2_PIX_FMT_H264 : raw_formats[index];
        f->flags = type == MP_CAP ? V4L2_FMT_FLAG_COMPRESSED : 0;
        return 0; }
    case VIDIOC_ENUM_FRAMESIZES: {
        struct v4l2_frmsizeenum *f = a;
        if (f->index) return fail(EINVAL);
        f->type = V4L2_FRMSIZE_TYPE_STEPWISE;
        f->stepwise = (struct v4l2_frmsize_stepwise){ 32, MAXSIDE, 2, 32, MAXSIDE, 2 };
        return 0; }
    case VIDIOC_G_FMT: case VIDIOC_TRY_FMT: case VIDIOC_S_FMT: return format(d, req, a);
    case VIDIOC_G_SELECTION: case VIDIOC_S_SELECTION: return selection(d, req, a);
    case VIDIOC_S_PARM: case VIDIOC_G_PARM: {
        struct v4l2_streamparm *p = a;
        struct v4l2_fract *t = &p->parm.output.timeperframe;
        if (p->type != MP_OUT) return fail(EINVAL);
        if (req == VIDIOC_S_PARM) {
            if (!t->numerator || !t->denominator) return fail(EINVAL);
            d->fps_n = t->denominator; d->fps_d = t->numerator;
        }
        t->numerator = d->fps_d; t->denominator = d->fps_n;
        p->parm.output.capability = V4L2_CAP_TIMEPERFRAME;
        return 0; }
    case VIDIOC_S_CTRL: {
        struct v4l2_control *c = a;
        struct v4l2_ext_control x = { .id = c->id, .value = c->value };
        int e = control(d, &x, VIDIOC_S_EXT_CTRLS);
        return e ? fail(e) : 0; }
    case VIDIOC_S_EXT_CTRLS: case VIDIOC_TRY_EXT_CTRLS: case VIDIOC_G_EXT_CTRLS: {
        struct v4l2_ext_controls *x = a;
        for (unsigned i = 0; i < x->count; i++) {
            int e = control(d, &x->controls[i], req);
            if (e) { x->error_idx = i; return fail(e); }
        }
        return 0; }
    case VIDIOC_SUBSCRIBE_EVENT: d->sub_eos |= ((struct v4l2_event_subscription *)a)->type == V4L2_EVENT_EOS; return 0;
    case VIDIOC_UNSUBSCRIBE_EVENT: return 0;
    case VIDIOC_DQEVENT: {
        struct v4l2_event *e = a;
        memset(e, 0, sizeof *e);
        if (!d->ev_eos) return fail(ENOENT);
        d->ev_eos = 0;
        e->type = V4L2_EVENT_EOS;
        return 0; }
    case VIDIOC_TRY_ENCODER_CMD: case VIDIOC_ENCODER_CMD: {
        struct v4l2_encoder_cmd *c = a;
        if (c->cmd != V4L2_ENC_CMD_STOP && c->cmd != V4L2_ENC_CMD_START) return fail(EINVAL);
        if (req == VIDIOC_ENCODER_CMD && c->cmd == V4L2_ENC_CMD_STOP) { d->eos = 1; pthread_cond_broadcast(&d->cv); }
        return 0; }
    case VIDIOC_REQBUFS: return reqbufs(d, a);
    case VIDIOC_QUERYBUF: {
        struct v4l2_buffer *v = a;
        struct queue *q = Q(d, v->type);
        if (!q || v->index >= (unsigned)q->n || !v->m.planes || !v->length) return fail(EINVAL);
        fill(q, v->index, v, v->type == MP_OUT);
        return 0; }
    case VIDIOC_QBUF: return qbuf(d, a);
    case VIDIOC_DQBUF: return dqbuf(d, a);
    case VIDIOC_STREAMON: return streamon(d, *(uint32_t *)a);
    case VIDIOC_STREAMOFF: {
        struct queue *q = Q(d, *(uint32_t *)a);
        if (!q) return fail(EINVAL);
        while (d->busy) pthread_cond_wait(&d->cv, &d->mu);
        q->streaming = 0;
        q->nq = q->nd = 0;
        for (int i = 0; i < q->n; i++) q->b[i].st = B_FREE;
        pthread_cond_broadcast(&d->cv);
        return 0; }
    }
    return fail(ENOTTY);
}

/* --------------------------------------------------------- what is put before libc */
int ioctl(int fd, unsigned long req, ...)
{
    va_list ap;
    va_start(ap, req);
    void *a = va_arg(ap, void *);
    va_end(ap);
    init();
    struct dev *d = D(fd);
    if (!d) return r_ioctl(fd, req, a);
    pthread_mutex_lock(&d->mu);
    int r = d->dead ? fail(ENODEV) : do_ioctl(d, (unsigned)req, a);
    pthread_mutex_unlock(&d->mu);
    return r;
}
static int dev_open(int flags)
{
    int lockfd = -1;
    if (gone()) return fail(ENODEV);
    if (cfg.open_err) { say("inject open errno=%d", cfg.open_err); return fail(cfg.open_err); }
    if (cfg.lock) { /* one process at a time */
        lockfd = r_open(cfg.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (lockfd >= 0 && flock(lockfd, LOCK_EX | LOCK_NB)) { r_close(lockfd); say("open busy"); return fail(EBUSY); }
    }
    int fd = memfd_create("v4l2sim", flags & O_CLOEXEC ? MFD_CLOEXEC : 0);
    if (fd < 0 || fd >= MAXFD) { if (fd >= 0) r_close(fd); if (lockfd >= 0) r_close(lockfd); return fail(EMFILE); }
    struct dev *d = calloc(1, sizeof *d);
    d->fd = fd; d->flags = flags; d->lockfd = lockfd;
    pthread_mutex_init(&d->mu, NULL);
    pthread_condattr_t ca;
    pthread_condattr_init(&ca);
    pthread_condattr_setclock(&ca, CLOCK_MONOTONIC);
    pthread_cond_init(&d->cv, &ca);
    for (int i = 0; i < NC; i++) d->c[i] = controls[i].def; /* they live per open handle, as in the driver */
    d->fps_n = 30; d->fps_d = 1;
    d->out.colorspace = V4L2_COLORSPACE_REC709;
    for (int cap = 0; cap < 2; cap++) {
        struct v4l2_format f = { .type = cap ? MP_CAP : MP_OUT };
        f.fmt.pix_mp.width = f.fmt.pix_mp.height = 32;
        format(d, VIDIOC_S_FMT, &f);
    }
    __atomic_store_n(&devs[fd], d, __ATOMIC_RELEASE);
    return fd;
}
int close(int fd)
{
    init();
    struct dev *d = D(fd);
    if (!d) return r_close(fd);
    __atomic_store_n(&devs[fd], NULL, __ATOMIC_RELEASE);
    pthread_mutex_lock(&d->mu);
    d->quit = 1;
    pthread_cond_broadcast(&d->cv);
    pthread_mutex_unlock(&d->mu);
    if (d->running) {
        pthread_join(d->th, NULL);
        say("close frames_in=%ld frames_out=%ld keyframes=%ld w=%u h=%u", d->in, d->outn, d->keys, d->out.w, d->out.ch);
    }
    if (d->enc) x264_encoder_close(d->enc);
    free_bufs(&d->out);
    free_bufs(&d->cap);
    if (d->lockfd >= 0) r_close(d->lockfd);
    pthread_cond_destroy(&d->cv);
    pthread_mutex_destroy(&d->mu);
    free(d);
    return r_close(fd);
}
static int revents(struct dev *d, short ev) /* as v4l2_m2m_poll(); mu held */
{
    if (d->dead) return POLLERR | POLLHUP;
    int r = 0, queued_out = d->out.nq, queued_cap = d->cap.nq;
    if (d->ev_eos) r |= POLLPRI;
    if (d->out.nd) r |= POLLOUT | POLLWRNORM;
    if (d->cap.nd || d->last_deq || failing(d, ERR_DQBUF)) r |= POLLIN | POLLRDNORM;
    r &= ev;
    if (failing(d, ERR_POLL)) r |= POLLERR;
    for (int i = 0; i < d->out.n; i++) queued_out |= d->out.b[i].st == B_HW || d->out.b[i].st == B_DONE;
    for (int i = 0; i < d->cap.n; i++) queued_cap |= d->cap.b[i].st == B_DONE;
    if ((!d->out.streaming || !queued_out) && (!d->cap.streaming || !(queued_cap || d->last_deq))) r |= POLLERR;
    return r;
}
int poll(struct pollfd *p, nfds_t n, int timeout) /* ffmpeg polls the device alone */
{
    init();
    struct dev *d = n == 1 ? D(p->fd) : NULL;
    if (!d) return r_poll(p, n, timeout);
    double end = now() + timeout / 1000.0;
    int r;
    pthread_mutex_lock(&d->mu);
    while (!(r = revents(d, p->events)) && timeout) {
        if (timeout < 0) { pthread_cond_wait(&d->cv, &d->mu); continue; }
        struct timespec t = { (time_t)end, (long)((end - (time_t)end) * 1e9) };
        if (pthread_cond_timedwait(&d->cv, &d->mu, &t) == ETIMEDOUT) { r = revents(d, p->events); break; }
    }
    pthread_mutex_unlock(&d->mu);
    p->revents = r;
    return r ? 1 : 0;
}
/* a buffer of the device's, mapped once more; all else is the kernel's */
void *mmap64(void *at, size_t size, int prot, int flags, int fd, off_t offset)
{
    struct dev *d = D(fd);
    if (!d) return (void *)syscall(SYS_mmap, at, size, prot, flags, fd, offset);
    void *p = MAP_FAILED;
    pthread_mutex_lock(&d->mu);
    for (int isout = 0; isout < 2; isout++) {
        struct queue *q = isout ? &d->out : &d->cap;
        for (int i = 0; i < q->n; i++)
            if (q->b[i].p && (uint64_t)offset == OFFSET(isout, i, q->size) && size <= q->size)
                p = mremap(q->b[i].p, 0, size, MREMAP_MAYMOVE); /* of size 0: a second mapping of the same pages */
    }
    pthread_mutex_unlock(&d->mu);
    if (p == MAP_FAILED) errno = EINVAL;
    return p;
}
void *mmap(void *at, size_t size, int prot, int flags, int fd, off_t offset) { return mmap64(at, size, prot, flags, fd, offset); }
int __poll_chk(struct pollfd *p, nfds_t n, int t, size_t l) { (void)l; return poll(p, n, t); }

#define OPEN_BODY(flags) \
    int m = 0; va_list ap; va_start(ap, fl); if (fl & (O_CREAT | O_TMPFILE)) m = va_arg(ap, int); va_end(ap); \
    init(); return !strcmp(p, NODE) ? dev_open(fl) : r_open(p, (fl) | (flags), m)
int open(const char *p, int fl, ...) { OPEN_BODY(0); }
int open64(const char *p, int fl, ...) { OPEN_BODY(O_LARGEFILE); }
int __open_2(const char *p, int fl) { return open(p, fl); }
int __open64_2(const char *p, int fl) { return open64(p, fl); }

/* ffmpeg looks for /dev/video* by listing the folder: the node is the first that it finds */
static DIR *devdir;
static int listed;
static pthread_mutex_t dirmu = PTHREAD_MUTEX_INITIALIZER;
DIR *opendir(const char *p)
{
    init();
    DIR *d = r_opendir(p);
    if (d && !strcmp(p, "/dev")) { pthread_mutex_lock(&dirmu); devdir = d; listed = 0; pthread_mutex_unlock(&dirmu); }
    return d;
}
struct dirent *readdir(DIR *d)
{
    static struct dirent node = { .d_ino = 1011, .d_type = DT_CHR, .d_name = "video11" };
    init();
    pthread_mutex_lock(&dirmu);
    int here = d == devdir && !listed && !gone();
    if (here) listed = 1;
    pthread_mutex_unlock(&dirmu);
    return here ? &node : r_readdir(d);
}
struct dirent64 *readdir64(DIR *d) { return (struct dirent64 *)readdir(d); } /* the same layout on 64 bits */
int closedir(DIR *d)
{
    init();
    pthread_mutex_lock(&dirmu);
    if (d == devdir) devdir = NULL;
    pthread_mutex_unlock(&dirmu);
    return r_closedir(d);
}
